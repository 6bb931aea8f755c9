//! A publish that does more than walk over a table: the bus is observed or tapped, or the event is generic, says
//! `fail_fast`, or was returned by a handler.

use std::panic::Location;

use super::plan::plan_event;
use super::{Bus, Inner, refuse, tables};
use crate::delivery::Delivery;
use crate::dispatch::{self, AsyncTable, EventTable};
use crate::event::{EventInfo, EventRef};
use crate::handler::HandlerInfo;
use crate::observe::PublishOutcome;
use crate::raw::Erased;
use crate::registry::Registry;
use crate::report::{Delivered, PublishError, Refusal, Settled};

/// The place where an event goes.
pub(super) enum Destination<'bus> {
    Handlers(&'bus EventTable),
    /// Nowhere: a test fakes the event.
    Faked,
    Refused(Refusal),
}

impl<'bus> Destination<'bus> {
    /// The handlers, if some are asynchronous.
    #[inline]
    pub(super) fn futures(&self) -> Option<&'bus AsyncTable> {
        match self {
            Self::Handlers(table) => table.futures.as_deref(),
            Self::Faked | Self::Refused(_) => None,
        }
    }
}

impl Bus {
    #[cold]
    #[inline(never)]
    pub(super) fn publish_slow(
        &self,
        event: &'static EventInfo,
        value: Erased<'_>,
        published_at: &'static Location<'static>,
    ) -> Result<Delivered, PublishError> {
        let event = EventRef::from_parts(event, value);
        let delivery = Delivery::on(self, event.info(), published_at);
        delivery.enter(|_| self.deliver_slow(&event, &delivery))
    }

    /// Delivers an event, and the events that its handlers return.
    #[cold]
    #[inline(never)]
    pub(super) fn deliver_slow(
        &self,
        event: &EventRef<'_>,
        delivery: &Delivery,
    ) -> Result<Delivered, PublishError> {
        let destination = self.0.destination(event, delivery.nesting());
        let settled = self.deliver(&destination, event, delivery);
        self.cascade(settled, delivery)
    }

    /// Hands an event to its handlers, all of which are synchronous.
    pub(super) fn deliver(
        &self,
        destination: &Destination<'_>,
        event: &EventRef<'_>,
        delivery: &Delivery,
    ) -> Settled {
        match destination {
            Destination::Handlers(table) => {
                self.observed(event, delivery, || self.run(table, event, delivery))
            }
            Destination::Faked => Ok(Delivered::default()).into(),
            Destination::Refused(refusal) => self.observed(event, delivery, || {
                let refusal = refusal.clone();
                let error = refuse::refuse(delivery.event_name(), delivery.published_at(), refusal);
                Err(error).into()
            }),
        }
    }

    fn run(&self, table: &EventTable, event: &EventRef<'_>, delivery: &Delivery) -> Settled {
        // An event without handlers goes no deeper, as on a bus that nobody watches.
        if delivery.is_too_deep(self.0.limits.nesting) && !table.infos().is_empty() {
            return Err(refuse::nesting(delivery)).into();
        }
        let Some(calls) = table.sync.calls(event.value()) else {
            return Ok(Delivered::default()).into();
        };
        let observers = &self.0.observers;
        if !observers.is_empty() {
            dispatch::run_observed(calls, event.any(), delivery, observers)
        } else if event.info().is_fail_fast() {
            dispatch::run_fail_fast(calls, delivery)
        } else {
            let count = dispatch::run(calls, delivery);
            delivery.settle(count, 0)
        }
    }

    /// Runs `publish`, whose start and end the observers are told.
    pub(super) fn observed(
        &self,
        event: &EventRef<'_>,
        delivery: &Delivery,
        publish: impl FnOnce() -> Settled,
    ) -> Settled {
        let observers = &self.0.observers;
        if observers.is_empty() {
            return publish();
        }
        let watch = observers.publish_started(delivery);
        let settled = watch.within(delivery, publish);
        let outcome = PublishOutcome::of(&settled.result);
        watch.publish_finished(observers, delivery, event.any(), outcome);
        settled
    }
}

impl Inner {
    /// Finds out where `event` goes. Call it once for each delivery: the taps see the event, unless it is nested too
    /// deep to be delivered.
    #[inline]
    pub(super) fn destination(&self, event: &EventRef<'_>, nesting: u32) -> Destination<'_> {
        if !self.taps.is_empty() && self.is_faked(event.info(), event.value(), nesting) {
            return Destination::Faked;
        }
        match self.table(event) {
            Some(table) => Destination::Handlers(table),
            None => Destination::Refused(self.refusal(event.info())),
        }
    }

    /// Shows the event to the taps, of which one may keep it from its handlers.
    #[cold]
    fn is_faked(&self, event: &EventInfo, value: Erased<'_>, nesting: u32) -> bool {
        nesting < self.limits.nesting && !self.taps.deliver(event.any(value))
    }

    pub(super) fn handlers(&self, event: &'static EventInfo) -> &[HandlerInfo] {
        if event.is_durable() {
            return self
                .of_durable
                .get(&event.type_id())
                .map_or(&[], |infos| infos);
        }
        let table = match event.index() {
            Some(index) => self.tables.get(index.index()),
            None => self.generic_table(event).ok(),
        };
        table.map_or(&[], EventTable::infos)
    }

    /// The table of any event; `None` if it is refused.
    #[inline]
    pub(super) fn table(&self, event: &EventRef<'_>) -> Option<&EventTable> {
        match event.indexed() {
            Some(indexed) => self.tables.get(indexed.index()),
            None => self.generic_table(event.info()).ok(),
        }
    }

    #[cold]
    fn refusal(&self, event: &'static EventInfo) -> Refusal {
        let is_generic = event.index().is_none();
        let refused = is_generic.then(|| self.generic_table(event).err());
        refused.flatten().unwrap_or_else(|| {
            if Registry::get().came_too_early() {
                Refusal::registry_too_early()
            } else {
                Refusal::unregistered()
            }
        })
    }

    /// The table of an instantiation of a generic event, which is made when it is first asked for.
    #[cold]
    fn generic_table(&self, event: &'static EventInfo) -> Result<&EventTable, Refusal> {
        let make = || {
            plan_event(event, &self.subscribers, self.is_full).map(|reached| {
                tables::bind(event, &reached, &self.subscribers, &self.resources, false)
            })
        };
        let table = self.tables.generic().get_or_make(event.type_id(), make);
        table.map_err(|error| Refusal::wrong_instantiation(event.name(), error))
    }
}
