//! A future with a bus of its own.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use super::Bus;
use crate::delivery;

/// A future in which a bus is the current one: what [`Bus::scope_async`] returns.
#[must_use = "a future does nothing until it is awaited"]
pub struct Scoped<F> {
    bus: Bus,
    future: Pin<Box<F>>,
}

impl<F> Scoped<F> {
    pub(super) fn new(bus: Bus, future: F) -> Self {
        Self {
            bus,
            future: Box::pin(future),
        }
    }
}

impl<F: Future> Future for Scoped<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        let Self { bus, future } = self.get_mut();
        delivery::scope(bus, || future.as_mut().poll(context))
    }
}

impl<F> fmt::Debug for Scoped<F> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("Scoped").field(&self.bus).finish()
    }
}
