//! The loop of an asynchronous publish, which goes as far as the handlers let it, poll by poll.

use std::collections::BTreeMap;
use std::mem;
use std::task::{Context, Poll, ready};

use super::finish;
use crate::delivery::{self, Delivery};
use crate::event::{EventInfo, EventRef};
use crate::handler::HandlerInfo;
use crate::log;
use crate::observe::{ActiveSpan, HandlerOutcome, Observers, PublishOutcome};
use crate::raw::{self, ColdBox};
use crate::report::{Aftermath, Delivered, Failure, OneOrMany};

/// The handlers of one event on one bus, in order, of which some are asynchronous.
pub(crate) type FlightTable = raw::FlightTable<Delivery>;
pub(crate) type AimedFlight<'a> = raw::AimedFlight<'a, Delivery>;
pub(crate) type DeliveryFlight<'a, Owner> = raw::Flight<'a, Owner, Delivery>;
type Aboard<'f, 'a, Owner> = raw::Aboard<'f, 'a, Owner, Delivery>;

/// A publish whose handlers have begun.
pub(crate) struct Flying<'a, Owner> {
    flight: DeliveryFlight<'a, Owner>,
    is_over: bool,
    observed: Option<ColdBox<Observed>>,
}

impl<'a, Owner> Flying<'a, Owner> {
    #[inline]
    pub(crate) fn new(flight: DeliveryFlight<'a, Owner>) -> Self {
        Self {
            flight,
            is_over: false,
            observed: None,
        }
    }

    /// As [`new`](Self::new), on a bus with these observers.
    pub(crate) fn observed(
        flight: DeliveryFlight<'a, Owner>,
        event: &'static EventInfo,
        observers: &Observers,
    ) -> Self {
        let mut flying = Self::new(flight);
        if !observers.is_empty() {
            let delivery = flying.flight.context();
            let publish = delivery::resume(delivery, || observers.publish_started(delivery));
            flying.observed = Some(ColdBox::new(Box::new(Observed {
                event,
                observers: observers.clone(),
                publish: Some(publish),
                handlers: BTreeMap::new(),
                failures: OneOrMany::None,
            })));
        }
        flying
    }

    #[inline]
    pub(crate) fn delivery(&self) -> &Delivery {
        self.flight.context()
    }

    /// Goes on until every handler is finished or one waits.
    #[inline]
    pub(crate) fn poll(
        &mut self,
        context: &mut Context<'_>,
    ) -> Poll<Result<Delivered, Box<Aftermath>>> {
        let Self {
            flight,
            is_over,
            observed,
        } = self;
        let (delivery, mut flight) = flight.board();
        let flight = &mut flight;
        delivery::resume(delivery, || {
            if let Some(observed) = observed {
                ready!(observed.poll(flight, delivery, context));
            } else {
                let is_fail_fast = delivery.is_fail_fast();
                let is_stopped = |delivery: &Delivery| is_fail_fast && delivery.has_failed();
                ready!(flight.go_on(is_stopped, context));
            }
            *is_over = true;
            if delivery.is_plain() && observed.is_none() {
                // None has failed, so that all have run.
                return Poll::Ready(Ok(Delivered::to(flight.table().infos().len())));
            }
            Poll::Ready(end(flight, delivery, observed))
        })
    }
}

/// What came of handlers of which some have failed, were skipped, have returned events, or were observed.
#[cold]
fn end<Owner>(
    flight: &mut Aboard<'_, '_, Owner>,
    delivery: &Delivery,
    observed: &mut Option<ColdBox<Observed>>,
) -> Result<Delivered, Box<Aftermath>> {
    let (count, begun) = (flight.table().infos().len(), flight.begun());
    in_order(flight.table().infos(), delivery);
    let result = finish(count, count - begun, delivery);
    match observed {
        Some(observed) => observed.finish(result, flight, delivery),
        None => result,
    }
}

/// Puts the failures in the order of the handlers: those that run together fail in any.
fn in_order(handlers: &[HandlerInfo], delivery: &Delivery) {
    let mut failures = delivery.take_failures();
    if let OneOrMany::Many(failures) = &mut failures {
        let place = |failure: &Failure| {
            handlers
                .iter()
                .position(|handler| handler == failure.handler())
        };
        failures.sort_by_cached_key(place);
    }
    delivery.fail_again(failures);
}

impl<Owner> Drop for Flying<'_, Owner> {
    #[inline]
    fn drop(&mut self) {
        if !self.is_over {
            self.cut_off();
        }
    }
}

impl<Owner> Flying<'_, Owner> {
    /// A publish that is dropped half-way says so. It is the current one while the futures of its handlers are dropped.
    #[cold]
    fn cut_off(&mut self) {
        let (started, waiting) = self.flight.table().infos().split_at(self.flight.begun());
        let cut_off = started
            .iter()
            .enumerate()
            .filter(|(index, _)| self.flight.is_under_way(*index));
        let cut_off: Vec<HandlerInfo> = cut_off.map(|(_, handler)| *handler).collect();
        log::cancelled(self.flight.context(), &cut_off, waiting);
        let (delivery, mut flight) = self.flight.board();
        let observed = self.observed.take();
        delivery::resume(delivery, || {
            flight.cut_off();
            let returned = delivery.take_returned();
            if !returned.is_empty() {
                let names = returned
                    .as_slice()
                    .iter()
                    .map(|returned| EventRef::of_returned(returned).info().name());
                let names: Vec<_> = names.collect();
                log::returned_discarded(delivery.event_name(), delivery.published_at(), &names);
            }
            drop(returned);
            if let Some(observed) = observed {
                observed.into_inner().cancelled(&mut flight, delivery);
            }
        });
    }
}

/// What the observers remember of a publish.
struct Observed {
    event: &'static EventInfo,
    observers: Observers,
    publish: Option<ActiveSpan>,
    /// Of those that are under way, by their place.
    handlers: BTreeMap<usize, ActiveSpan>,
    failures: OneOrMany<Failure>,
}

impl Observed {
    #[cold]
    fn poll<Owner>(
        &mut self,
        flight: &mut Aboard<'_, '_, Owner>,
        delivery: &Delivery,
        context: &mut Context<'_>,
    ) -> Poll<()> {
        let Some(publish) = self.publish.take() else {
            return Poll::Ready(());
        };
        let polled = publish.within(delivery, || self.advance(flight, delivery, context));
        self.publish = Some(publish);
        ready!(polled);
        delivery.fail_again(mem::take(&mut self.failures));
        Poll::Ready(())
    }

    fn advance<Owner>(
        &mut self,
        flight: &mut Aboard<'_, '_, Owner>,
        delivery: &Delivery,
        context: &mut Context<'_>,
    ) -> Poll<()> {
        for index in 0..flight.begun() {
            if let Some(watch) = self.handlers.remove(&index) {
                self.within(index, watch, flight, delivery, |flight| {
                    flight.go_on_with(index, context);
                });
            }
        }
        let is_stopped =
            |observed: &Self| observed.event.is_fail_fast() && !observed.failures.is_empty();
        while !is_stopped(self) && flight.can_begin() {
            let index = flight.begun();
            let watch = flight.while_running(index, || self.observers.handler_started(delivery));
            self.within(index, watch, flight, delivery, |flight| {
                flight.begin_next(context);
            });
        }
        if flight.is_waiting() {
            Poll::Pending
        } else {
            Poll::Ready(())
        }
    }

    /// Begins or polls one handler, and tells what came of it if it is finished.
    fn within<'f, 'a, Owner>(
        &mut self,
        index: usize,
        watch: ActiveSpan,
        flight: &mut Aboard<'f, 'a, Owner>,
        delivery: &Delivery,
        body: impl FnOnce(&mut Aboard<'f, 'a, Owner>),
    ) {
        let skipped = delivery.skipped();
        watch.within(delivery, || {
            body(flight);
            flight.rest();
        });
        if flight.is_under_way(index) {
            self.handlers.insert(index, watch);
            return;
        }
        let failed = delivery.take_failures();
        let outcome = match failed.as_slice().first() {
            Some(failure) => HandlerOutcome::Failed(failure),
            None if delivery.skipped() > skipped => HandlerOutcome::Skipped,
            None => HandlerOutcome::Handled,
        };
        let event = self.event.any(flight.subject());
        flight.while_running(index, || {
            watch.handler_finished(&self.observers, delivery, event, outcome);
        });
        self.failures.extend(failed);
    }

    #[cold]
    fn finish<Owner>(
        &mut self,
        result: Result<Delivered, Box<Aftermath>>,
        flight: &mut Aboard<'_, '_, Owner>,
        delivery: &Delivery,
    ) -> Result<Delivered, Box<Aftermath>> {
        let mut returned = OneOrMany::None;
        let result = result.or_else(|mut aftermath| {
            returned = mem::take(&mut aftermath.returned);
            aftermath.into_result()
        });
        if let Some(publish) = self.publish.take() {
            let event = self.event.any(flight.subject());
            let outcome = PublishOutcome::of(&result);
            publish.publish_finished(&self.observers, delivery, event, outcome);
        }
        match result {
            Ok(delivered) if returned.is_empty() => Ok(delivered),
            result => {
                let mut aftermath =
                    Aftermath::of(result, delivery.event_name(), delivery.published_at());
                aftermath.returned = returned;
                Err(aftermath)
            }
        }
    }

    fn cancelled<Owner>(mut self, flight: &mut Aboard<'_, '_, Owner>, delivery: &Delivery) {
        let event = self.event.any(flight.subject());
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
