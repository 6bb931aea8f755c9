//! The observers of a bus, and the spans of a publish or a handler that is under way.

use std::any::type_name;
use std::iter::successors;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

use super::{Finished, HandlerOutcome, Observer, ObserverSpan, PublishOutcome, Stage};
use crate::delivery::Delivery;
use crate::event::AnyEvent;
use crate::log;
use crate::raw::{AtomicRef, Frame, ThreadStack};
use crate::report::{Failure, OneOrMany, RawFailure};

/// The observers of one bus, in the order in which they were given.
///
/// An observer is not told of what is published, on any bus, while it is told of something. It could publish a notice
/// of each failure, of which the handlers fail, and so on: twice as many on each level.
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
        for named in self.0.iter().filter(|named| !named.is_being_told()) {
            named.call(delivery, |observer| {
                let span = observer.span(delivery, stage);
                spans.extend(span.map(|span| (named.clone(), span)));
            });
        }
        ActiveSpan {
            spans,
            started: Clock::now(),
        }
    }

    fn tell(&self, delivery: &Delivery, call: impl Fn(&dyn Observer)) {
        for named in self.0.iter().filter(|named| !named.is_being_told()) {
            named.call(delivery, &call);
        }
    }
}

impl NamedObserver {
    /// Tells if this thread is in a call of the observer.
    fn is_being_told(&self) -> bool {
        ThreadStack::peek(&CALLS, |innermost| {
            let mut calls = successors(innermost, |call| call.around.get());
            calls.any(|call| Arc::ptr_eq(&call.observer, &self.observer))
        })
    }

    /// Calls the observer. A panic must neither unwind the publisher nor keep handlers from running.
    fn call(&self, delivery: &Delivery, call: impl FnOnce(&dyn Observer)) {
        let frame = ObserverCall {
            observer: Arc::clone(&self.observer),
            around: AtomicRef::empty(),
        };
        let call = || ThreadStack::push(&CALLS, &frame, |_| call(&*self.observer));
        if let Err(payload) = catch_unwind(AssertUnwindSafe(call)) {
            let message = RawFailure::panic(payload).message();
            log::observer_panicked(delivery, self.type_name, &message);
        }
    }
}

/// A call of an observer, within other such calls.
struct ObserverCall {
    observer: Arc<dyn Observer>,
    around: AtomicRef<ObserverCall>,
}

impl Frame for ObserverCall {
    fn parent(&self) -> &AtomicRef<Self> {
        &self.around
    }
}

thread_local! {
    /// The calls of observers that this thread is in.
    static CALLS: ThreadStack<ObserverCall> = const { ThreadStack::empty() };
}

/// The spans of a publish or a handler that has started, and its start.
pub(crate) struct ActiveSpan {
    /// Each with its observer.
    spans: Vec<(NamedObserver, Box<dyn ObserverSpan>)>,
    started: Clock,
}

impl ActiveSpan {
    /// Runs `body` with the spans entered.
    pub(crate) fn within<R>(&self, delivery: &Delivery, body: impl FnOnce() -> R) -> R {
        for (observer, span) in &self.spans {
            observer.call(delivery, |_| span.enter());
        }
        let result = body();
        for (observer, span) in self.spans.iter().rev() {
            observer.call(delivery, |_| span.exit());
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
        for (observer, span) in &self.spans {
            observer.call(delivery, |_| finish(&**span));
        }
        for (observer, span) in self.spans {
            observer.call(delivery, |_| drop(span));
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
