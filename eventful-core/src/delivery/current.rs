//! The delivery that this thread is in, and those around it.

use std::panic::Location;

use super::Delivery;
use crate::bus::Bus;
use crate::raw::{AtomicRef, Borrowing, Frame, ThreadStack};
use crate::report::{Cause, Lineage};

thread_local! {
    static CURRENT: ThreadStack<Delivery> = const { ThreadStack::empty() };
}

impl Frame for Delivery {
    #[inline]
    fn parent(&self) -> &AtomicRef<Self> {
        &self.parent
    }
}

impl Delivery {
    /// Makes this delivery the current one of the thread while `body` runs, within what is current now, which it shows to
    /// `body`.
    #[inline]
    pub(crate) fn enter<R>(&self, body: impl FnOnce(Option<&Self>) -> R) -> R {
        ThreadStack::push(&CURRENT, self, |parent| {
            self.place_within(parent);
            body(parent)
        })
    }

    /// Makes this delivery, which knows what it is within, the current one of the thread while `body` runs.
    #[inline]
    pub(crate) fn resume<R>(&self, body: impl FnOnce() -> R) -> R {
        ThreadStack::push(&CURRENT, self, |_| body())
    }
}

/// Returns whether this thread is in no delivery and in no scope.
// A call, and not inlined: how a thread-local is reached from another crate changes from build to build.
#[inline(never)]
pub(crate) fn is_outermost() -> bool {
    ThreadStack::is_empty(&CURRENT)
}

/// Shows the innermost delivery or scope of this thread to `body`.
#[inline]
pub(crate) fn with_current<R>(body: impl FnOnce(Option<&Delivery>) -> R) -> R {
    ThreadStack::peek(&CURRENT, body)
}

/// Makes `bus` the current one while `body` runs.
pub(crate) fn scope<R>(bus: &Bus, body: impl FnOnce() -> R) -> R {
    let at = Location::caller();
    let scope = Borrowing::new(bus, |bus| Delivery::new(None, at, bus));
    scope.enter(|_| body())
}

/// Makes `bus` the current one while `body` runs, for what was handed over with this lineage.
pub(crate) fn scope_caused_by<R>(
    bus: &Bus,
    lineage: Option<&Lineage>,
    body: impl FnOnce() -> R,
) -> R {
    // The outer scope counts what is around it: a spawner may run what it is given at once.
    scope(bus, || match lineage {
        None => body(),
        Some(lineage) => {
            let (owners, at) = ((bus, lineage), Location::caller());
            let scope = Borrowing::new(&owners, |owners| {
                Delivery::new(None, at, owners.map(|(bus, _)| *bus))
                    .returned(owners.map(|(_, lineage)| *lineage))
            });
            scope.enter(|_| body())
        }
    })
}

/// Returns the causes that a publish would have now, the nearest first.
pub(crate) fn current_causes() -> Vec<Cause> {
    with_current(|current| {
        let current = current.into_iter();
        current
            .flat_map(|delivery| {
                delivery
                    .as_cause()
                    .into_iter()
                    .chain(delivery.iter_causes())
            })
            .collect()
    })
}
