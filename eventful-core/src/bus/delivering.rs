//! The delivery of a durable event to handlers in a transaction, or to one that runs by itself.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use super::publish_async::{Running, poll_running};
use crate::event::{AnyEvent, Durability};
use crate::report::{Delivered, PublishError, ReturnedEvents, Settled};

/// A delivery that has begun. Its plain handlers have run; the others run while it is polled.
#[doc(hidden)]
#[must_use = "its asynchronous handlers run while it is awaited"]
pub struct Delivering<'a>(Stage<'a>);

enum Stage<'a> {
    Running(Running<'a>),
    /// `None` once it was ready.
    Over(Option<Settled>),
}

impl<'a> Delivering<'a> {
    pub(super) const fn running(running: Running<'a>) -> Self {
        Self(Stage::Running(running))
    }

    pub(super) const fn over(settled: Settled) -> Self {
        Self(Stage::Over(Some(settled)))
    }
}

impl Future for Delivering<'_> {
    type Output = (Result<Delivered, PublishError>, ReturnedDurable);

    /// # Panics
    ///
    /// If it is polled again after it was ready.
    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let stage = &mut self.get_mut().0;
        let settled = match stage {
            Stage::Running(running) => {
                ready!(poll_running(running, context));
                let settled = running.settle(|_, settled| settled);
                *stage = Stage::Over(None);
                settled
            }
            Stage::Over(settled) => settled.take().expect("it is ready once"),
        };
        Poll::Ready((settled.result, ReturnedDurable(settled.returned)))
    }
}

impl fmt::Debug for Delivering<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Delivering")
    }
}

/// The durable events that handlers have returned.
#[doc(hidden)]
pub struct ReturnedDurable(ReturnedEvents);

impl ReturnedDurable {
    /// Takes them, in order. Each is dropped when `take` has seen it.
    pub fn for_each(self, mut take: impl FnMut(&dyn AnyEvent)) {
        let mut events = self.0.reversed();
        while let Some(event) = events.pop() {
            take(event.event().any());
        }
    }
}

impl fmt::Debug for ReturnedDurable {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("ReturnedDurable")
    }
}

/// Returns the codec of an event, if that is durable.
#[doc(hidden)]
#[must_use]
pub fn durability_of(event: &dyn AnyEvent) -> Option<&'static dyn Durability> {
    event.__borrow().info().durability()
}
