//! Events that handlers returned. Each is published once all handlers of the event before have run, in their order.

use std::mem;
use std::panic::Location;

use super::Bus;
use super::publish_slow::Destination;
use crate::delivery::{self, Delivery};
use crate::dispatch::{self, Lookup};
use crate::event::EventRef;
use crate::log;
use crate::raw::Borrowing;
use crate::report::{
    Delivered, DeliveryReport, PublishError, Refusal, ReturnedEvent, ReturnedEvents, Settled,
};

impl Bus {
    /// Ends a publish: publishes the events that its handlers have returned, then those that their handlers return, and
    /// so on.
    #[inline]
    pub(super) fn cascade(
        &self,
        settled: Settled,
        delivery: &Delivery,
    ) -> Result<Delivered, PublishError> {
        if settled.returned.is_empty() {
            return settled.result;
        }
        self.publish_returned(settled, delivery)
    }

    #[inline(never)]
    fn publish_returned(
        &self,
        settled: Settled,
        delivery: &Delivery,
    ) -> Result<Delivered, PublishError> {
        let mut cascade = Cascade::new(settled, delivery.event_name(), delivery.published_at());
        while let Some(returned) = cascade.next(self) {
            cascade.add(self.deliver_returned(&returned, delivery.published_at()));
        }
        cascade.into_result()
    }

    /// Delivers an event that a handler returned, and all of whose handlers are synchronous.
    #[inline]
    fn deliver_returned(
        &self,
        returned: &ReturnedEvent,
        published_at: &'static Location<'static>,
    ) -> Settled {
        let event = returned.event();
        self.enter_returned(&event, returned, published_at, |delivery| {
            match self.0.tables.lookup(&event) {
                Lookup::Calls(calls) => {
                    let count = dispatch::run(calls, delivery);
                    if delivery.is_plain() {
                        return Ok(Delivered::to(count)).into();
                    }
                    delivery.settle(count, 0)
                }
                Lookup::NoCalls => Ok(Delivered::default()).into(),
                Lookup::SlowPath => {
                    let destination = self.0.destination(&event, delivery.nesting());
                    self.deliver(&destination, &event, delivery)
                }
            }
        })
    }

    /// Delivers an event that a handler returned to a destination whose handlers are synchronous.
    pub(super) fn deliver_returned_to(
        &self,
        destination: &Destination<'_>,
        returned: &ReturnedEvent,
        published_at: &'static Location<'static>,
    ) -> Settled {
        let event = returned.event();
        self.enter_returned(&event, returned, published_at, |delivery| {
            self.deliver(destination, &event, delivery)
        })
    }

    /// Runs `body` within the delivery of an event that a handler returned.
    #[inline]
    fn enter_returned(
        &self,
        event: &EventRef<'_>,
        returned: &ReturnedEvent,
        published_at: &'static Location<'static>,
        body: impl FnOnce(&Delivery) -> Settled,
    ) -> Settled {
        let owners = (self, returned);
        let delivery = Borrowing::new(&owners, |owners| {
            let bus = owners.map(|(bus, _)| *bus);
            let lineage = owners.map(|(_, returned)| returned.lineage());
            Delivery::new(Some(event.info()), published_at, bus).returned(lineage)
        });
        delivery.enter(|_| body(&delivery))
    }
}

/// A publish on its way through the events that its handlers returned.
pub(super) struct Cascade {
    result: Result<Delivered, PublishError>,
    /// The events that come next, the first one on top.
    next: ReturnedEvents,
    /// The events after those, the last one on top.
    later: ReturnedEvents,
    /// The number of events that were delivered.
    delivered: u32,
    event: &'static str,
    published_at: &'static Location<'static>,
}

impl Cascade {
    /// Begins when the handlers of the published event have run.
    pub(super) fn new(
        settled: Settled,
        event: &'static str,
        published_at: &'static Location<'static>,
    ) -> Self {
        Self {
            result: settled.result,
            next: ReturnedEvents::default(),
            later: settled.returned,
            delivered: 0,
            event,
            published_at,
        }
    }

    /// Returns the event that comes next. `None` if there is none, or if it is one too many: the result then says so.
    #[inline]
    pub(super) fn next(&mut self, bus: &Bus) -> Option<ReturnedEvent> {
        if self.next.is_empty() {
            self.next = mem::take(&mut self.later).reversed();
        }
        let returned = self.next.pop()?;
        let limit = bus.0.limits.cascade;
        if self.delivered < limit {
            self.delivered += 1;
            return Some(returned);
        }
        self.refuse(&returned, limit);
        None
    }

    /// Refuses an event that is one too many, and those that wait.
    #[cold]
    fn refuse(&mut self, returned: &ReturnedEvent, limit: u32) {
        let around = delivery::current_causes();
        let chain = returned.lineage().causes().chain(around).collect();
        let event = returned.event().info().name();
        let refusal = Refusal::cascade_limit(limit, event, chain);
        log::refusal(&PublishError::refused(
            event,
            self.published_at,
            refusal.clone(),
        ));
        self.report().refusal = Some(refusal);
        self.next = ReturnedEvents::default();
        self.later = ReturnedEvents::default();
    }

    /// Takes what came of the event that was next.
    #[inline]
    pub(super) fn add(&mut self, settled: Settled) {
        if let Err(error) = settled.result {
            self.report().add_cascaded(error);
        }
        self.later.append(settled.returned);
    }

    /// The report of what is wrong with the publish, from now on.
    fn report(&mut self) -> &mut DeliveryReport {
        if let Ok(delivered) = self.result {
            let error = PublishError::after(self.event, self.published_at, delivered);
            self.result = Err(error);
        }
        match &mut self.result {
            Err(error) => error.report_mut(),
            Ok(_) => unreachable!("it is an error now"),
        }
    }

    #[inline]
    pub(super) fn into_result(self) -> Result<Delivered, PublishError> {
        let cascading = |delivered: Delivered| delivered.cascading(self.delivered);
        self.result.map(cascading).map_err(|mut error| {
            let report = error.report_mut();
            report.delivered = cascading(report.delivered);
            error
        })
    }

    pub(super) const fn published_at(&self) -> &'static Location<'static> {
        self.published_at
    }

    /// Logs and drops the events that wait.
    pub(super) fn discard(self) {
        let mut waiting = self.next.reversed();
        waiting.append(self.later);
        let names = waiting.discard();
        if !names.is_empty() {
            log::returned_discarded(self.event, self.published_at, &names);
        }
    }
}
