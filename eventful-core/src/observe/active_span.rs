//! The observers of a bus, and the spans of a publish or a handler that is under way.

use std::any::type_name;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

use super::{Finished, HandlerOutcome, Observer, ObserverSpan, PublishOutcome, Stage};
use crate::delivery::Delivery;
use crate::event::AnyEvent;
use crate::log;
use crate::report::{Failure, OneOrMany, RawFailure};

/// The observers of one bus, in the order in which they were given.
#[derive(Clone, Default)]
pub(crate) struct Observers(Vec<NamedObserver>);

#[derive(Clone)]
struct NamedObserver {
    observer: Arc<dyn Observer>,
    /// For the log, if it panics.
    type_name: &'static str,
}

impl Observers {
    pub(crate) fn add<O: Observer>(&mut self, observer: O) {
        self.0.push(NamedObserver {
            observer: Arc::new(observer),
            type_name: type_name::<O>(),
        });
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn publish_started(&self, delivery: &Delivery) -> ActiveSpan {
        self.tell(delivery, |observer| observer.publish_started(delivery));
        self.open(delivery, Stage::Publish)
    }

    pub(crate) fn handler_started(&self, delivery: &Delivery) -> ActiveSpan {
        self.tell(delivery, |observer| observer.handler_started(delivery));
        self.open(delivery, Stage::Handler)
    }

    fn open(&self, delivery: &Delivery, stage: Stage) -> ActiveSpan {
        let mut spans = Vec::new();
        self.tell(delivery, |observer| {
            spans.extend(observer.span(delivery, stage));
        });
        ActiveSpan {
            spans,
            started: Clock::now(),
        }
    }

    fn tell(&self, delivery: &Delivery, mut call: impl FnMut(&dyn Observer)) {
        for named in &self.0 {
            guarded(delivery, named.type_name, || call(&*named.observer));
        }
    }
}

/// The spans of a publish or a handler that has started, and its start.
pub(crate) struct ActiveSpan {
    spans: Vec<Box<dyn ObserverSpan>>,
    started: Clock,
}

impl ActiveSpan {
    /// Runs `body` with the spans entered.
    pub(crate) fn within<R>(&self, delivery: &Delivery, body: impl FnOnce() -> R) -> R {
        for span in &self.spans {
            guarded(delivery, SPAN, || span.enter());
        }
        let result = body();
        for span in self.spans.iter().rev() {
            guarded(delivery, SPAN, || span.exit());
        }
        result
    }

    pub(crate) fn publish_finished(
        self,
        observers: &Observers,
        delivery: &Delivery,
        event: &dyn AnyEvent,
        outcome: PublishOutcome<'_>,
    ) {
        let end = Finished::new(event, outcome, self.started.elapsed());
        observers.tell(delivery, |observer| {
            observer.publish_finished(delivery, &end);
        });
        self.close(delivery, |span| span.publish_finished(&end));
    }

    pub(crate) fn handler_finished(
        self,
        observers: &Observers,
        delivery: &Delivery,
        event: &dyn AnyEvent,
        outcome: HandlerOutcome<'_>,
    ) {
        let end = Finished::new(event, outcome, self.started.elapsed());
        observers.tell(delivery, |observer| {
            observer.handler_finished(delivery, &end);
        });
        self.close(delivery, |span| span.handler_finished(&end));
    }

    fn close(self, delivery: &Delivery, finish: impl Fn(&dyn ObserverSpan)) {
        for span in &self.spans {
            guarded(delivery, SPAN, || finish(&**span));
        }
        for span in self.spans {
            guarded(delivery, SPAN, || drop(span));
        }
    }
}

/// The name of a span in the log, if it panics.
const SPAN: &str = "a span of an observer";

impl<'a> HandlerOutcome<'a> {
    /// The outcome of a handler that has run, with its failure if it has failed.
    pub(crate) fn of(failed: &'a OneOrMany<Failure>, is_skipped: bool) -> Self {
        match failed.as_slice().first() {
            Some(failure) => Self::Failed(failure),
            None if is_skipped => Self::Skipped,
            None => Self::Handled,
        }
    }
}

/// Calls an observer, whose panic must neither unwind the publisher nor keep handlers from running.
fn guarded(delivery: &Delivery, observer: &'static str, call: impl FnOnce()) {
    if let Err(payload) = catch_unwind(AssertUnwindSafe(call)) {
        log::observer_panicked(delivery, observer, &RawFailure::panic(payload).message());
    }
}

/// A moment, where there is a clock.
struct Clock(#[cfg(not(all(target_family = "wasm", target_os = "unknown")))] std::time::Instant);

impl Clock {
    fn now() -> Self {
        Self(
            #[cfg(not(all(target_family = "wasm", target_os = "unknown")))]
            std::time::Instant::now(),
        )
    }

    fn elapsed(&self) -> Duration {
        #[cfg(not(all(target_family = "wasm", target_os = "unknown")))]
        return self.0.elapsed();
        #[cfg(all(target_family = "wasm", target_os = "unknown"))]
        Duration::ZERO
    }
}
