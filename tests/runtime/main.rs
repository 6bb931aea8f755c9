//! What a program sees at run time. Every handler here is linked, so each test builds the bus that it is about.

mod asynchronous;
mod builder;
#[cfg(feature = "tracing")]
mod cancellation;
mod cascade;
mod cascade_async;
mod current;
mod delivery;
mod detached;
mod either;
mod families;
mod forms;
mod generic;
mod guards;
#[cfg(feature = "tracing")]
mod log;
mod methods;
mod nesting;
mod observed_events;
mod observers;
mod order;
mod outcomes;
mod pending;
mod polling;
mod resources;
mod testing;
mod threads;

use std::sync::{Mutex, PoisonError};

/// What ran, in the order in which it did: a resource that handlers write to.
#[derive(Default)]
struct Trace(Mutex<Vec<String>>);

impl Trace {
    fn add(&self, line: impl Into<String>) {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(line.into());
    }

    /// The lines so far, which are forgotten.
    fn take(&self) -> String {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner)).join("\n")
    }
}
