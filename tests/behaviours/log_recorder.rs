//! A subscriber of `tracing` that records what is logged.

use std::fmt::{Debug, Write as _};
use std::sync::LazyLock;

use expect_test::Expect;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Dispatch, Event, Metadata, Subscriber};

use crate::Trace;

/// Adds a line to its trace for each event of the target `eventful`.
#[derive(Clone, Default)]
pub(crate) struct LogRecorder {
    trace: Trace,
    has_positions: bool,
}

impl LogRecorder {
    /// Returns what `body` logs on this thread, without positions and the name of this crate.
    pub(crate) fn record(body: impl FnOnce()) -> String {
        let recorder = Self::default();
        recorder.listen(body);
        recorder.trace.take()
    }

    /// Returns everything that `body` logs on this thread, one line a `String`.
    #[cfg(feature = "tracing")]
    pub(crate) fn record_with_positions(body: impl FnOnce()) -> Vec<String> {
        let recorder = Self {
            has_positions: true,
            ..Self::default()
        };
        recorder.listen(body);
        recorder.take()
    }

    /// Records what `body` logs on this thread.
    pub(crate) fn listen<R>(&self, body: impl FnOnce() -> R) -> R {
        ask_all_subscribers();
        tracing::subscriber::with_default(self.clone(), body)
    }

    pub(crate) fn take(&self) -> Vec<String> {
        self.trace.take_lines()
    }
}

/// Adds to `trace` what `body` logs on this thread.
pub(crate) fn log_to<R>(trace: &Trace, body: impl FnOnce() -> R) -> R {
    let recorder = LogRecorder {
        trace: trace.clone(),
        has_positions: false,
    };
    recorder.listen(body)
}

/// Keeps two subscribers alive. With fewer, `tracing` asks only the subscriber of the thread that reaches a line of the
/// log first whether it listens, and remembers the answer for all threads.
pub(crate) fn ask_all_subscribers() {
    static TWO: LazyLock<[Dispatch; 2]> =
        LazyLock::new(|| [(); 2].map(|()| Dispatch::new(LogRecorder::default())));
    LazyLock::force(&TWO);
}

/// Compares what was logged, which is nothing without the feature `tracing`.
pub(crate) fn assert_logged(log: &str, expected: &Expect) {
    if cfg!(feature = "tracing") {
        expected.assert_eq(log);
    } else {
        assert_eq!(log, "");
    }
}

struct Line {
    has_positions: bool,
    message: String,
    fields: String,
}

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        let written = match field.name() {
            "message" => write!(self.message, "{value:?}"),
            "published_at" | "handler_at" if !self.has_positions => Ok(()),
            // The text of a refusal begins with the position of its publish.
            "error" if !self.has_positions && self.message.ends_with(" refused") => Ok(()),
            name => write!(self.fields, " {name}={value:?}"),
        };
        written.expect("a `String` takes everything");
    }
}

impl Subscriber for LogRecorder {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target() == "eventful"
    }

    fn event(&self, event: &Event<'_>) {
        let mut line = Line {
            has_positions: self.has_positions,
            message: String::new(),
            fields: String::new(),
        };
        event.record(&mut line);
        let level = event.metadata().level();
        let text = format!("{level} {}:{}", line.message, line.fields);
        if self.has_positions {
            self.trace.add(text);
        } else {
            self.trace.add(text.replace("behaviours::", ""));
        }
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}
