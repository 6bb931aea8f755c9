//! What is logged, in a trace.

use std::fmt::Debug;
use std::sync::LazyLock;

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Dispatch, Event, Metadata, Subscriber};

use crate::Trace;

/// Adds to `trace` what `body` logs on this thread under the target `eventful`: the level, what, who and why.
pub(crate) fn log_to<R>(trace: &Trace, body: impl FnOnce() -> R) -> R {
    // With less than two subscribers in the process, `tracing` asks whoever comes by a line of the log first whether it
    // listens, and remembers the answer for all threads. So there are always two.
    static TWO: LazyLock<[Dispatch; 2]> =
        LazyLock::new(|| [(); 2].map(|()| Dispatch::new(Recorder(Trace::default()))));
    LazyLock::force(&TWO);
    tracing::subscriber::with_default(Recorder(trace.clone()), body)
}

struct Recorder(Trace);

#[derive(Default)]
struct Line {
    message: String,
    event: String,
    handler: String,
    error: String,
}

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        let part = match field.name() {
            "message" => &mut self.message,
            "event" => &mut self.event,
            "handler" | "never_started" => &mut self.handler,
            "error" => &mut self.error,
            _ => return,
        };
        *part = format!("{value:?}").replace('"', "");
    }
}

impl Subscriber for Recorder {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target() == "eventful"
    }

    fn event(&self, event: &Event<'_>) {
        let mut line = Line::default();
        event.record(&mut line);
        let Line {
            message,
            event: name,
            handler,
            error,
        } = line;
        let level = event.metadata().level();
        self.0
            .add(format!("{level} {message}: {handler} of {name}: {error}"));
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}
