//! The observers of a bus, and what they remember of a publish or a handler that goes on.

use std::any::type_name;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

use super::{HandlerEnd, HandlerOutcome, Observer, Part, PublishEnd, PublishOutcome, Span};
use crate::delivery::Delivery;
use crate::event::AnyEvent;
use crate::log;
use crate::report::{Delivered, Failure, OneOrMany, PublishError, RawFailure};

/// The observers of one bus, in the order in which they were given.
#[derive(Clone, Default)]
pub(crate) struct Observers(Vec<Observing>);

#[derive(Clone)]
struct Observing {
    observer: Arc<dyn Observer>,
    /// For the log, if it panics.
    type_name: &'static str,
}

impl Observers {
    pub(crate) fn add<O: Observer>(&mut self, observer: O) {
        self.0.push(Observing {
            observer: Arc::new(observer),
            type_name: type_name::<O>(),
        });
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn publish_started(&self, delivery: &Delivery) -> Watch {
        self.tell(delivery, |observer| observer.publish_started(delivery));
        self.watch(delivery, Part::Publish)
    }

    pub(crate) fn handler_started(&self, delivery: &Delivery) -> Watch {
        self.tell(delivery, |observer| observer.handler_started(delivery));
        self.watch(delivery, Part::Handler)
    }

    fn watch(&self, delivery: &Delivery, part: Part) -> Watch {
        let mut spans = Vec::new();
        self.tell(delivery, |observer| {
            spans.extend(observer.span(delivery, part));
        });
        Watch {
            spans,
            started: Clock::now(),
        }
    }

    fn tell(&self, delivery: &Delivery, mut what: impl FnMut(&dyn Observer)) {
        for observing in &self.0 {
            guarded(delivery, observing.type_name, || what(&*observing.observer));
        }
    }
}

/// A publish or a handler that is being observed.
pub(crate) struct Watch {
    spans: Vec<Box<dyn Span>>,
    started: Clock,
}

impl Watch {
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
        let end = PublishEnd::new(event, outcome, self.started.elapsed());
        observers.tell(delivery, |observer| {
            observer.publish_finished(delivery, &end);
        });
        for span in &self.spans {
            guarded(delivery, SPAN, || span.publish_finished(&end));
        }
        self.close(delivery);
    }

    pub(crate) fn handler_finished(
        self,
        observers: &Observers,
        delivery: &Delivery,
        event: &dyn AnyEvent,
        outcome: HandlerOutcome<'_>,
    ) {
        let end = HandlerEnd::new(event, outcome, self.started.elapsed());
        observers.tell(delivery, |observer| {
            observer.handler_finished(delivery, &end);
        });
        for span in &self.spans {
            guarded(delivery, SPAN, || span.handler_finished(&end));
        }
        self.close(delivery);
    }

    fn close(self, delivery: &Delivery) {
        for span in self.spans {
            guarded(delivery, SPAN, || drop(span));
        }
    }
}

/// What a span is called in the log, if it panics.
const SPAN: &str = "a span of an observer";

impl<'a> PublishOutcome<'a> {
    pub(crate) const fn of(result: &'a Result<Delivered, PublishError>) -> Self {
        match result {
            Ok(delivered) => Self::Delivered(*delivered),
            Err(error) => Self::Failed(error),
        }
    }
}

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

/// An observer that panics must neither unwind the publisher nor keep handlers from running.
fn guarded(delivery: &Delivery, observer: &'static str, body: impl FnOnce()) {
    if let Err(payload) = catch_unwind(AssertUnwindSafe(body)) {
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
