//! A future with a bus of its own.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use super::Bus;
use crate::delivery;

/// The future that [`Bus::scope_async`] returns: the bus is the current one on each poll, and while the future is
/// dropped.
///
/// # Examples
///
/// ```
/// use eventful::{Bus, Scoped, event};
///
/// #[event(async)]
/// struct OrderCreated;
///
/// fn in_scope<F: Future>(bus: &Bus, request: F) -> Scoped<F> {
///     bus.scope_async(request)
/// }
///
/// # futures_lite::future::block_on(async {
/// let bus = Bus::isolated().subscribe("cache", |_: &OrderCreated| ()).build()?;
/// let delivered = in_scope(&bus, async { OrderCreated.publish().await }).await?;
/// assert_eq!(delivered.handled(), 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # }).unwrap();
/// ```
#[must_use = "a future does nothing until it is awaited: write `.await`"]
pub struct Scoped<F> {
    bus: Bus,
    /// `None` once it is being dropped.
    future: Option<Pin<Box<F>>>,
}

impl<F> Scoped<F> {
    pub(super) fn new(bus: Bus, future: F) -> Self {
        Self {
            bus,
            future: Some(Box::pin(future)),
        }
    }
}

impl<F: Future> Future for Scoped<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        let Self { bus, future } = self.get_mut();
        let poll = || future.as_mut().map(|future| future.as_mut().poll(context));
        delivery::scope(bus, poll).unwrap_or(Poll::Pending)
    }
}

impl<F> Drop for Scoped<F> {
    fn drop(&mut self) {
        let Self { bus, future } = self;
        delivery::scope(bus, || *future = None);
    }
}

impl<F> fmt::Debug for Scoped<F> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("Scoped").field(&self.bus).finish()
    }
}
