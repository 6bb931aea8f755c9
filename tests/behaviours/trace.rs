//! The log that handlers write to and that tests compare.

use std::fmt::Write as _;
use std::sync::{Arc, Mutex, PoisonError};

use eventful::{Bus, BusBuilder, Delivered, Event, HandlerInfo, PublishError, WiringError};

/// A resource that keeps the lines which handlers and tests add, in their order.
#[derive(Clone, Default)]
pub(crate) struct Trace(Arc<Mutex<Vec<String>>>);

impl Trace {
    /// Returns a trace, and a builder of a bus whose handlers can ask for it.
    pub(crate) fn with_bus() -> (Self, BusBuilder) {
        let trace = Self::default();
        let builder = Bus::isolated().provide(trace.clone());
        (trace, builder)
    }

    pub(crate) fn add(&self, line: impl Into<String>) {
        let mut lines = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        lines.push(line.into());
    }

    /// Adds what the publisher learns: counts, failures and a refusal.
    pub(crate) fn report(&self, result: &Result<Delivered, PublishError>) {
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

    /// Adds each fault, with AT for each position in `file`.
    pub(crate) fn add_faults(&self, error: &WiringError, file: &str) {
        for fault in error.faults() {
            let mut text = fault.to_string();
            while let Some(start) = text.find(file) {
                let position = text[start..].split([')', ' ', ';']).next();
                let length = position.map_or(0, |position| position.trim_end_matches(',').len());
                text.replace_range(start..start + length, "AT");
            }
            self.add(text);
        }
    }

    /// Returns the lines so far, and forgets them.
    pub(crate) fn take(&self) -> String {
        self.take_lines().join("\n")
    }

    /// Returns what was added so far, a `String` for each call, and forgets it.
    pub(crate) fn take_lines(&self) -> Vec<String> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// The failures of `error`, a line each.
pub(crate) fn failures(error: &PublishError) -> String {
    let failures = error.failures().iter().map(|failure| {
        let (id, is_panic) = (short(failure.handler()), failure.is_panic());
        format!("{id}, panic {is_panic}: {}", failure.message())
    });
    failures.collect::<Vec<_>>().join("\n")
}

/// The handler's id without its module path.
pub(crate) fn short(handler: &HandlerInfo) -> &'static str {
    short_name(handler.id())
}

/// The last part of a path.
pub(crate) fn short_name(path: &str) -> &str {
    path.rsplit("::").next().unwrap_or(path)
}

/// The short ids of the handlers of `E` on `bus`, in order.
pub(crate) fn ids<E: Event>(bus: &Bus) -> String {
    let ids: Vec<_> = bus.handlers::<E>().iter().map(short).collect();
    ids.join(" ")
}
