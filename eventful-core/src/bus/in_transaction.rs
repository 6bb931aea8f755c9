//! The handlers that run in the transaction of a durable publish.

use std::any::Any;
use std::panic::Location;

use super::delivering::Delivering;
use super::publish_async::{FuturesOwner, Owned, calls_of, delivery_of, observers_of};
use super::publish_slow::Destination;
use super::{Bus, default};
use crate::delivery::{self, Delivery};
use crate::dispatch::{EventTable, HandlerFutures};
use crate::event::{Event, EventRef};
use crate::handler::HandlerInfo;
use crate::raw::{CallFutures, Lent};
use crate::registry::{BusHandler, Registry};
use crate::report::{Settled, WiringError};
use crate::resource::Requirement;

/// The reception of a durable event by a bus.
#[doc(hidden)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reception {
    /// A test fakes the event: it is not written, and no handler runs.
    Faked,
    /// No handler runs in the transaction.
    Nobody,
    /// Handlers run in the transaction.
    Handlers,
}

/// A handler in the transaction wants to be lent another type than there is.
#[doc(hidden)]
#[derive(Clone, Copy, Debug)]
pub struct NotLent {
    pub handler: HandlerInfo,
    /// The type behind its `&mut`.
    pub wanted: &'static str,
}

impl Bus {
    /// Returns the bus of a durable publish, if there is one. The default one is built only for an event that has handlers in
    /// the transaction: a program that only publishes needs none.
    #[doc(hidden)]
    #[track_caller]
    pub fn __of_durable_publish<E: Event>(event: &E) -> Result<Option<Self>, WiringError> {
        let used_at = Location::caller();
        let info = EventRef::new(event).info();
        delivery::with_current(|current| {
            if let Some(delivery) = current {
                return Ok(Some(delivery.bus().clone()));
            }
            if let Some(bus) = default::get() {
                return Ok(Some(bus.clone()));
            }
            let mut linked = Registry::get().handlers().iter();
            if linked.any(|it| it.separate.is_none() && it.subject.includes(info)) {
                return default::get_or_build(used_at).cloned().map(Some);
            }
            Ok(None)
        })
    }

    /// Shows an event that is being published to the tests that record or fake it.
    #[doc(hidden)]
    #[must_use]
    pub fn __receive<E: Event>(&self, event: &E) -> Reception {
        let event = EventRef::new(event);
        let nesting = delivery::with_current(Delivery::nesting_in);
        match self.0.destination(&event, nesting) {
            Destination::Faked => Reception::Faked,
            Destination::Handlers(table) if !table.infos().is_empty() => Reception::Handlers,
            Destination::Handlers(_) | Destination::Refused(_) => Reception::Nobody,
        }
    }

    /// Runs the handlers of an event that are in its transaction, and lends it to them.
    ///
    /// # Errors
    ///
    /// If `transaction` is of another type than a handler wants. Then none has run.
    #[doc(hidden)]
    pub fn __run_in_transaction<'a, E: Event>(
        &self,
        event: &'a E,
        transaction: Option<&'a mut (dyn Any + Send)>,
        published_at: &'static Location<'static>,
    ) -> Result<Delivering<'a>, NotLent> {
        let event = EventRef::new(event);
        let lent = self.lend(event, transaction)?;
        Ok(delivery::with_current(|parent| {
            self.start_in_transaction(event, lent, published_at, parent)
        }))
    }

    fn lend<'a>(
        &self,
        event: EventRef<'_>,
        mut transaction: Option<&'a mut (dyn Any + Send)>,
    ) -> Result<Option<Lent<'a>>, NotLent> {
        let handlers = self.0.subscribers.iter();
        let in_transaction =
            handlers.filter(|it| it.separate.is_none() && it.subject.includes(event.info()));
        let mut first = None;
        for handler in in_transaction {
            for Requirement {
                wanted, resource, ..
            } in handler.requirements()
            {
                let Some(wanted) = wanted else { continue };
                let is_lent = transaction
                    .as_deref()
                    .is_some_and(|value| value.type_id() == wanted.target());
                if !is_lent {
                    return Err(NotLent {
                        handler: handler.info,
                        wanted: resource.type_name,
                    });
                }
                first = first.or(Some(wanted));
            }
        }
        Ok(first.and_then(|wanted| Lent::any(transaction.take()?, wanted)))
    }

    fn start_in_transaction<'a>(
        &self,
        event: EventRef<'a>,
        lent: Option<Lent<'a>>,
        published_at: &'static Location<'static>,
        parent: Option<&Delivery>,
    ) -> Delivering<'a> {
        let Some(table) = self.0.table(&event) else {
            return Delivering::over(Settled::from(Ok(crate::report::Delivered::default())));
        };
        if table.futures.is_some() && Delivery::nesting_in(parent) < self.0.limits.nesting {
            let is_lent = lent.is_some();
            let owned = lent.map_or(Owned::Nothing, Owned::Lent);
            let futures = CallFutures::new(
                FuturesOwner::Bus(self.clone(), owned),
                |owner| calls_of(owner.bus(), event),
                |owner| {
                    let delivery = delivery_of(owner, event, published_at);
                    if is_lent {
                        delivery.lending(owner.map(FuturesOwner::lent))
                    } else {
                        delivery
                    }
                },
            );
            let info = event.info();
            return Delivering::running(HandlerFutures::new(futures, info, parent, observers_of));
        }
        Delivering::over(self.deliver_lending(table, event, lent, published_at))
    }

    /// Hands an event to the plain handlers of a table, and lends them the transaction, if there is one.
    pub(super) fn deliver_lending(
        &self,
        table: &EventTable,
        event: EventRef<'_>,
        lent: Option<Lent<'_>>,
        published_at: &'static Location<'static>,
    ) -> Settled {
        let destination = Destination::Handlers(table);
        let deliver = |delivery: &Delivery| self.deliver(&destination, &event, delivery);
        if let Some(lent) = lent {
            return self.enter_lending(event, lent, published_at, deliver);
        }
        let delivery = Delivery::on(self, event.info(), published_at);
        delivery.enter(|_| deliver(&delivery))
    }
}

/// The transaction that a handler wants to be lent.
pub(super) fn wanted(handler: &BusHandler) -> Option<Requirement> {
    handler
        .requirements()
        .into_iter()
        .find(|requirement| requirement.wanted.is_some())
}
