//! One delivery on a bus that has more to do than to walk over a table: it is observed or tapped, or the event is generic,
//! or was returned by a handler.

use std::panic::Location;

use super::plan::plan_event;
use super::publish::{refuse, refuse_nesting};
use super::tables::{EventTable, Table};
use super::{Bus, Inner, tables};
use crate::delivery::{self, Delivery};
use crate::dispatch::{self, FlightTable};
use crate::event::{EventInfo, EventRef};
use crate::handler::HandlerInfo;
use crate::observe::PublishOutcome;
use crate::raw::Erased;
use crate::report::{Aftermath, Delivered, PublishError, Refusal, WiringError};

/// Where an event goes.
pub(super) enum Destination<'bus> {
    Now(&'bus Table),
    Later,
    /// A tap has taken it.
    Nowhere,
    Refused(Refusal),
}

impl Bus {
    /// As `publish_sync`, in every case.
    #[cold]
    pub(super) fn publish_slowly(
        &self,
        event: &'static EventInfo,
        value: Erased<'_>,
        published_at: &'static Location<'static>,
    ) -> Result<Delivered, PublishError> {
        let event = EventRef::forgotten(event, value);
        delivery::deliver(self, event.info(), published_at, |delivery| {
            let result = self.deliver(&event, delivery);
            let returned = delivery.take_returned();
            if returned.is_empty() {
                return result;
            }
            let mut aftermath = Aftermath::of(result, delivery.event_name(), published_at);
            aftermath.returned = returned;
            self.cascade(aftermath, delivery)
        })
    }

    /// Hands an event to its handlers, all of which are synchronous. What they return is left to the caller.
    pub(super) fn deliver(
        &self,
        event: &EventRef<'_>,
        delivery: &Delivery,
    ) -> Result<Delivered, PublishError> {
        let destination = self.0.destination(event, delivery.nesting());
        self.deliver_to(destination, event, delivery)
    }

    pub(super) fn deliver_to(
        &self,
        destination: Destination<'_>,
        event: &EventRef<'_>,
        delivery: &Delivery,
    ) -> Result<Delivered, PublishError> {
        match destination {
            Destination::Now(table) => self.run(table, event, delivery),
            Destination::Nowhere => Ok(Delivered::default()),
            Destination::Refused(refusal) => self.observed(event, delivery, || {
                refuse(event.info().name(), delivery.published_at(), refusal)
            }),
            Destination::Later => {
                unreachable!("what publishes here does not take events with asynchronous handlers")
            }
        }
    }

    fn run(
        &self,
        table: &Table,
        event: &EventRef<'_>,
        delivery: &Delivery,
    ) -> Result<Delivered, PublishError> {
        let observers = &self.0.observers;
        self.observed(event, delivery, || {
            // An event without handlers goes no deeper, as on a bus that nobody watches.
            let Some(aimed) = table.aim_at(event.value()) else {
                return Ok(Delivered::default());
            };
            let limit = self.0.limits.nesting;
            if delivery.is_too_deep(limit) {
                return refuse_nesting(delivery, limit);
            }
            let not_run = if !observers.is_empty() {
                dispatch::run_observed(aimed, event.any(), delivery, observers)
            } else if event.info().is_fail_fast() {
                dispatch::run_fail_fast(aimed, delivery)
            } else {
                dispatch::run(aimed, delivery);
                0
            };
            dispatch::finish_handlers(table.infos().len(), not_run, delivery)
        })
    }

    /// Runs `publish`, whose start and end the observers are told.
    ///
    /// What is refused at the nesting limit is told, but not what an observer publishes on hearing of that: it would never
    /// end.
    pub(super) fn observed(
        &self,
        event: &EventRef<'_>,
        delivery: &Delivery,
        publish: impl FnOnce() -> Result<Delivered, PublishError>,
    ) -> Result<Delivered, PublishError> {
        let observers = &self.0.observers;
        if observers.is_empty() || delivery.nesting() > self.0.limits.nesting {
            return publish();
        }
        let watch = observers.publish_started(delivery);
        let result = watch.within(delivery, publish);
        watch.publish_finished(
            observers,
            delivery,
            event.any(),
            PublishOutcome::of(&result),
        );
        result
    }
}

impl Inner {
    /// Finds out where `event` goes; the taps see it, unless it is nested too deep to be delivered. To be asked once for
    /// each delivery.
    pub(super) fn destination(&self, event: &EventRef<'_>, nesting: u32) -> Destination<'_> {
        let is_tapped = !self.taps.is_empty() && nesting < self.limits.nesting;
        if is_tapped && !self.taps.deliver(event.any()) {
            return Destination::Nowhere;
        }
        if event.info().index().is_none() {
            return match self.generic_table(event.info()) {
                Ok(EventTable::Now(table)) => Destination::Now(table),
                Ok(EventTable::Later(_)) => Destination::Later,
                Err(error) => {
                    Destination::Refused(Refusal::wrong_instantiation(event.info().name(), error))
                }
            };
        }
        match (
            self.tables.flight(event.info()),
            self.tables.now(event.info()),
        ) {
            (Some(_), _) => Destination::Later,
            (None, Some(table)) => Destination::Now(table),
            (None, None) => Destination::Refused(Refusal::unregistered()),
        }
    }

    /// The table of an event whose handlers are known to be partly asynchronous.
    pub(super) fn flight_table(&self, event: &'static EventInfo) -> Option<&FlightTable> {
        match event.index() {
            Some(_) => self.tables.flight(event),
            None => match self.generic_table(event).ok()? {
                EventTable::Later(table) => Some(table),
                EventTable::Now(_) => None,
            },
        }
    }

    pub(super) fn handlers(&self, event: &'static EventInfo) -> &[HandlerInfo] {
        match event.index() {
            Some(_) => match self.tables.flight(event) {
                Some(table) => table.infos(),
                None => self.tables.now(event).map_or(&[], Table::infos),
            },
            None => self.generic_table(event).map_or(&[], EventTable::infos),
        }
    }

    fn generic_table(&self, event: &'static EventInfo) -> Result<&EventTable, WiringError> {
        let make = || {
            plan_event(event, &self.subscribers, self.is_full)
                .map(|reached| tables::bind(event, &reached, &self.subscribers, &self.resources))
        };
        self.tables.generic().get_or_make(event.type_id(), make)
    }
}
