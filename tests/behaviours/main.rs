//! The behaviours that users of event frameworks rely on, each a test with its number.
//!
//! A module a class, a test a rule, and in each an ordered log: what ran, and last what the publisher was told.

mod test_support;

use std::pin::pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Waker};

use eventful::{Bus, BusBuilder};

/// What happened, in this order: a resource that handlers write to.
#[derive(Clone, Default)]
struct Trace(Arc<Mutex<Vec<String>>>);

impl Trace {
    /// A trace, and a bus in the making whose handlers can ask for it.
    fn with_bus() -> (Self, BusBuilder) {
        let trace = Self::default();
        let builder = Bus::isolated().provide(trace.clone());
        (trace, builder)
    }

    fn add(&self, line: impl Into<String>) {
        let mut lines = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        lines.push(line.into());
    }

    /// The lines so far, which are forgotten.
    fn take(&self) -> String {
        let mut lines = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut *lines).join("\n")
    }
}

/// Polls `future`, which needs nobody else, to its end.
fn block_on<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    let mut context = Context::from_waker(Waker::noop());
    for _ in 0..10_000 {
        if let Poll::Ready(output) = future.as_mut().poll(&mut context) {
            return output;
        }
    }
    panic!("the future waits for somebody")
}
