//! The loop of an asynchronous publish, which goes as far as the handlers let it, poll by poll.

use std::collections::BTreeMap;
use std::mem;
use std::task::{Context, Poll, ready};

use super::finish_handlers;
use crate::delivery::{self, Delivery};
use crate::event::{EventInfo, EventRef};
use crate::handler::HandlerInfo;
use crate::log;
use crate::observer::{HandlerOutcome, Observers, PublishOutcome, Watch};
use crate::raw::{self, Formation};
use crate::report::{Delivered, Failure, PublishError};

/// The handlers of one event on one bus, in order, of which some are asynchronous.
pub(crate) type FlightTable = raw::FlightTable<HandlerInfo, Delivery, ()>;
pub(crate) type DeliveryFlight<'a, Owner> = raw::Flight<'a, Owner, HandlerInfo, Delivery, ()>;
type Aboard<'f, 'a, Owner> = raw::Aboard<'f, 'a, Owner, HandlerInfo, Delivery, ()>;

/// A publish whose handlers have begun.
pub(crate) struct Flying<'a, Owner> {
    flight: DeliveryFlight<'a, Owner>,
    progress: Progress,
}

impl<'a, Owner> Flying<'a, Owner> {
    pub(crate) fn new(
        flight: DeliveryFlight<'a, Owner>,
        event: &'static EventInfo,
        observers: &Observers,
    ) -> Self {
        let mut progress = Progress::new(event, flight.table().infos().len());
        if !observers.is_empty() {
            let delivery = flight.context();
            let publish = delivery::resume(delivery, || observers.publish_started(delivery));
            progress.observed = Some(Box::new(Observed {
                observers: observers.clone(),
                publish: Some(publish),
                handlers: BTreeMap::new(),
            }));
        }
        Self { flight, progress }
    }

    pub(crate) fn delivery(&self) -> &Delivery {
        self.flight.context()
    }

    pub(crate) fn event(&self) -> &'static EventInfo {
        self.progress.event
    }

    /// Goes on until every handler is finished or one waits. What handlers returned, the delivery keeps.
    pub(crate) fn poll(
        &mut self,
        context: &mut Context<'_>,
    ) -> Poll<Result<Delivered, PublishError>> {
        let (delivery, mut flight) = self.flight.board();
        let progress = &mut self.progress;
        delivery::resume(delivery, || {
            if progress.observed.is_some() {
                return progress.advance_observed(&mut flight, delivery, context);
            }
            ready!(progress.advance(&mut flight, delivery, context));
            Poll::Ready(progress.finish(delivery))
        })
    }
}

impl<Owner> Drop for Flying<'_, Owner> {
    /// A publish that is dropped half-way says so. It is the current one while the futures of its handlers are dropped.
    fn drop(&mut self) {
        if self.progress.is_over {
            return;
        }
        let (started, waiting) = self.flight.table().infos().split_at(self.progress.next);
        let cut_off = started
            .iter()
            .enumerate()
            .filter(|(index, _)| self.flight.is_under_way(*index));
        let cut_off: Vec<HandlerInfo> = cut_off.map(|(_, handler)| *handler).collect();
        log::cancelled(self.flight.context(), &cut_off, waiting);
        let (delivery, mut flight) = self.flight.board();
        let observed = self.progress.observed.take();
        delivery::resume(delivery, || {
            flight.cut_off();
            let returned = delivery.take_returned();
            if !returned.is_empty() {
                let names = returned
                    .as_slice()
                    .iter()
                    .map(|returned| EventRef::of_returned(returned).info().name());
                let names: Vec<_> = names.collect();
                log::returned_discarded(delivery.event(), delivery.published_at(), &names);
            }
            drop(returned);
            if let Some(observed) = observed {
                observed.cancelled(&mut flight, delivery, self.progress.event);
            }
        });
    }
}

/// What the observers remember of a publish.
struct Observed {
    observers: Observers,
    publish: Option<Watch>,
    /// Of those that are under way, by their place.
    handlers: BTreeMap<usize, Watch>,
}

impl Observed {
    fn cancelled<Owner>(
        mut self,
        flight: &mut Aboard<'_, '_, Owner>,
        delivery: &Delivery,
        event: &EventInfo,
    ) {
        let event = event.any(flight.subject());
        for (index, watch) in mem::take(&mut self.handlers) {
            flight.while_running(index, || {
                watch.handler_finished(&self.observers, delivery, event, HandlerOutcome::Cancelled);
            });
        }
        if let Some(publish) = self.publish {
            publish.publish_finished(&self.observers, delivery, event, PublishOutcome::Cancelled);
        }
    }
}

/// How far a publish has come.
struct Progress {
    event: &'static EventInfo,
    /// How many handlers there are.
    count: usize,
    /// The first handler that has not started.
    next: usize,
    failures: Vec<(usize, Failure)>,
    is_over: bool,
    observed: Option<Box<Observed>>,
}

impl Progress {
    fn new(event: &'static EventInfo, count: usize) -> Self {
        Self {
            event,
            count,
            next: 0,
            failures: Vec::new(),
            is_over: false,
            observed: None,
        }
    }

    /// As [`advance`](Self::advance) and [`finish`](Self::finish), within the publish as the observers see it.
    #[cold]
    fn advance_observed<Owner>(
        &mut self,
        flight: &mut Aboard<'_, '_, Owner>,
        delivery: &Delivery,
        context: &mut Context<'_>,
    ) -> Poll<Result<Delivered, PublishError>> {
        let publish = self
            .observed
            .as_mut()
            .and_then(|observed| observed.publish.take());
        let mut advance = || self.advance(flight, delivery, context);
        let polled = match &publish {
            Some(publish) => publish.within(delivery, advance),
            None => advance(),
        };
        if polled.is_pending() {
            if let Some(observed) = &mut self.observed {
                observed.publish = publish;
            }
            return Poll::Pending;
        }
        let result = self.finish(delivery);
        if let (Some(publish), Some(observed)) = (publish, &self.observed) {
            publish.publish_finished(
                &observed.observers,
                delivery,
                self.event.any(flight.subject()),
                PublishOutcome::of(&result),
            );
        }
        Poll::Ready(result)
    }

    fn advance<Owner>(
        &mut self,
        flight: &mut Aboard<'_, '_, Owner>,
        delivery: &Delivery,
        context: &mut Context<'_>,
    ) -> Poll<()> {
        let formation = flight.table().formation();
        if formation == Formation::InTurn && self.observed.is_none() {
            let is_fail_fast = self.event.is_fail_fast();
            let is_stopped = |delivery: &Delivery| is_fail_fast && delivery.has_failed();
            return flight.run_in_turn(&mut self.next, is_stopped, context);
        }
        // In turn, only the last one that was started can be under way.
        let oldest = match formation {
            Formation::InTurn => self.next.saturating_sub(1),
            Formation::Together => 0,
        };
        for index in oldest..self.next {
            if flight.is_under_way(index) {
                self.go_on(index, flight, delivery, context);
            }
        }
        let must_wait = |flight: &Aboard<'_, '_, Owner>| {
            formation == Formation::InTurn && flight.has_any_under_way()
        };
        while self.next < self.count && !self.is_stopped() && !must_wait(flight) {
            let index = self.next;
            self.next += 1;
            if let Some(observed) = &mut self.observed {
                let watch =
                    flight.while_running(index, || observed.observers.handler_started(delivery));
                observed.handlers.insert(index, watch);
            }
            self.go_on(index, flight, delivery, context);
        }
        if flight.has_any_under_way() {
            Poll::Pending
        } else {
            Poll::Ready(())
        }
    }

    /// Starts or polls one handler, and takes its failure if it is finished and has failed.
    fn go_on<Owner>(
        &mut self,
        index: usize,
        flight: &mut Aboard<'_, '_, Owner>,
        delivery: &Delivery,
        context: &mut Context<'_>,
    ) {
        let watch = self
            .observed
            .as_mut()
            .and_then(|observed| observed.handlers.remove(&index));
        let Some(watch) = watch else {
            if flight.go_on(index, context).is_ready() && !delivery.is_plain() {
                let failures = delivery.take_failures().into_iter();
                self.failures
                    .extend(failures.map(|failure| (index, failure)));
            }
            return;
        };
        let skipped = delivery.skipped();
        let polled = watch.within(delivery, || flight.go_on(index, context));
        let Some(observed) = &mut self.observed else {
            return;
        };
        if polled.is_pending() {
            observed.handlers.insert(index, watch);
            return;
        }
        let failures = delivery.take_failures();
        let outcome = match failures.as_slice().first() {
            Some(failure) => HandlerOutcome::Failed(failure),
            None if delivery.skipped() > skipped => HandlerOutcome::Skipped,
            None => HandlerOutcome::Handled,
        };
        let event = self.event.any(flight.subject());
        flight.while_running(index, || {
            watch.handler_finished(&observed.observers, delivery, event, outcome);
        });
        let failures = failures.into_iter();
        self.failures
            .extend(failures.map(|failure| (index, failure)));
    }

    fn is_stopped(&self) -> bool {
        self.event.is_fail_fast() && !self.failures.is_empty()
    }

    fn finish(&mut self, delivery: &Delivery) -> Result<Delivered, PublishError> {
        self.is_over = true;
        // Handlers that run together fail in any order; the report has the handlers' own.
        if !self.failures.is_empty() {
            self.failures.sort_by_key(|(index, _)| *index);
            let failures = self.failures.drain(..).map(|(_, failure)| failure);
            delivery.fail_again(failures.collect());
        }
        finish_handlers(self.count, self.count - self.next, delivery)
    }
}
