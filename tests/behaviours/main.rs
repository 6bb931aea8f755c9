//! The behaviours that users of event frameworks rely on, each a test with its number. `tests/BEHAVIOURS.md` is the table.
//!
//! A module a class, a test a rule, and in each an ordered log: what ran, and last what the publisher was told.

mod asynchronous;
mod cascades;
mod concurrency;
mod core;
mod error;
mod filter;
mod generic;
mod introspection;
mod logging;
mod order;
mod reentrancy;
mod table;
mod test_support;

use std::fmt::Write as _;
use std::pin::pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Waker};

use eventful::{Bus, BusBuilder, Delivered, HandlerInfo, PublishError};

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

    /// Adds what a publisher was told.
    fn report(&self, result: &Result<Delivered, PublishError>) {
        let mut line = String::from("report: ");
        let delivered = match result {
            Ok(delivered) => *delivered,
            Err(error) => error.delivered(),
        };
        write!(line, "{} handled", delivered.handled()).expect("a `String` takes everything");
        for (count, what) in [
            (delivered.skipped(), "skipped"),
            (delivered.cascaded(), "cascaded"),
        ] {
            if count > 0 {
                write!(line, ", {count} {what}").expect("a `String` takes everything");
            }
        }
        let failures = result
            .as_ref()
            .err()
            .map_or(&[][..], PublishError::failures);
        for failure in failures {
            let verb = if failure.is_panic() {
                "panicked"
            } else {
                "failed"
            };
            let (id, message) = (short(failure.handler()), failure.message());
            write!(line, "; {id} {verb}: {message}").expect("a `String` takes everything");
        }
        let refusal = result.as_ref().err().and_then(PublishError::refusal);
        if let Some(refusal) = refusal {
            let text = refusal.to_string();
            let reason = text.split([':', ';', '\n']).next().unwrap_or_default();
            write!(line, "; refused: {reason}").expect("a `String` takes everything");
        }
        self.add(line);
    }

    /// The lines so far, which are forgotten.
    fn take(&self) -> String {
        let mut lines = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut *lines).join("\n")
    }
}

/// A handler's id without the path of the module that it is in.
fn short(handler: &HandlerInfo) -> &'static str {
    let id = handler.id();
    id.rsplit("::").next().unwrap_or(id)
}

/// The handlers of `E` on `bus`, in order, by their short ids.
fn ids<E: eventful::Event>(bus: &Bus) -> String {
    let ids: Vec<_> = bus.handlers::<E>().iter().map(short).collect();
    ids.join(" ")
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

/// Is ready at the second poll.
async fn pause() {
    let mut is_ready = false;
    std::future::poll_fn(|_| {
        if std::mem::replace(&mut is_ready, true) {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    })
    .await;
}
