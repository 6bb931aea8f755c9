//! The handlers of durable events that run by themselves, to which a worker delivers.

use std::any::{Any, TypeId};
use std::fmt;
use std::panic::Location;
use std::sync::Arc;

use eventful_wiring::resolve::Rank;

use super::delivering::Delivering;
use super::in_transaction::wanted;
use super::publish_async::{FuturesOwner, Owned, delivery_of, observers_of};
use super::{Bus, tables};
use crate::delivery;
use crate::dispatch::{AsyncCalls, EventTable, HandlerFutures};
use crate::event::{DecodedEvent, Durability, EventInfo, MemberOf, Subject};
use crate::handler::{HandlerInfo, Position, SeparateOptions};
use crate::raw::{CallFutures, Lent, LentSlot, WantedType};
use crate::registry::{BusHandler, Registry};
use crate::resource::Requirement;

/// A handler that runs by itself, for one of the events or families that its attribute lists.
#[doc(hidden)]
pub struct SeparateHandler {
    handler: BusHandler,
    wanted: Option<Requirement>,
    calls: Vec<Arc<SeparateCall>>,
}

/// A handler that runs by itself, with its resources, for one event.
#[doc(hidden)]
pub struct SeparateCall {
    bus: Bus,
    event: &'static EventInfo,
    wanted: Option<WantedType>,
    table: EventTable,
}

impl Bus {
    /// Returns the handlers of durable events that run by themselves.
    #[doc(hidden)]
    #[must_use]
    pub fn __separate_handlers(&self) -> Vec<SeparateHandler> {
        let handlers = self.0.subscribers.iter();
        let separate = handlers.filter(|handler| handler.separate.is_some());
        separate
            .map(|handler| SeparateHandler::new(self, handler))
            .collect()
    }
}

impl SeparateHandler {
    fn new(bus: &Bus, handler: &BusHandler) -> Self {
        let wanted = wanted(handler);
        let call = |event: &'static EventInfo, family: Option<MemberOf<'_>>| {
            let bound = handler.bind(&bus.0.resources, family);
            let bound = bound.expect("no resource is missing: the bus was built");
            Arc::new(SeparateCall {
                bus: bus.clone(),
                event,
                wanted: wanted.and_then(|requirement| requirement.wanted),
                table: tables::table_of(event, vec![(handler.info, bound)], false),
            })
        };
        let calls = match handler.subject {
            Subject::Event(event) => vec![call(event, None)],
            Subject::Family(family) => {
                let events = Registry::get().events().iter();
                let members = events.filter_map(|event| {
                    let mut memberships = event.memberships();
                    let membership = memberships.find(|it| it.family() == (family.type_id)())?;
                    Some(call(event, Some(membership)))
                });
                members.collect()
            }
        };
        Self {
            handler: handler.clone(),
            wanted,
            calls,
        }
    }

    #[must_use]
    pub fn info(&self) -> &HandlerInfo {
        &self.handler.info
    }

    /// The position of the function, also where a closure replaces it; or else of the builder call.
    #[must_use]
    pub fn position(&self) -> Position {
        match self.handler.rank() {
            Rank::Linked(position, _) => position,
            Rank::Subscribed(_) => self.handler.info.position,
        }
    }

    #[must_use]
    pub fn options(&self) -> &SeparateOptions {
        self.handler.separate.unwrap_or(&SeparateOptions::DEFAULT)
    }

    /// The name of the event, or `dyn` and the path of the family.
    #[must_use]
    pub fn subject(&self) -> String {
        self.handler.subject.to_string()
    }

    /// The type of the transaction that it is to be lent, if it wants one.
    #[must_use]
    pub fn wanted(&self) -> Option<(TypeId, &'static str)> {
        let resource = self.wanted?.resource;
        Some((resource.type_id, resource.type_name))
    }

    #[must_use]
    pub fn is_async(&self) -> bool {
        self.handler.is_async()
    }

    /// The events that it gets: one, or the linked members of a family.
    #[must_use]
    pub fn calls(&self) -> &[Arc<SeparateCall>] {
        &self.calls
    }
}

impl SeparateCall {
    #[must_use]
    pub fn event_name(&self) -> &'static str {
        self.event.name()
    }

    #[must_use]
    pub fn event_type(&self) -> TypeId {
        self.event.type_id()
    }

    /// The version and the codec of the event.
    #[must_use]
    pub fn durability(&self) -> Option<&'static dyn Durability> {
        self.event.durability()
    }

    /// Hands an event to the handler, and lends it the transaction. `None` if the handler wants to be lent another type.
    ///
    /// # Panics
    ///
    /// If the event is not the one that this is for.
    #[doc(hidden)]
    #[must_use]
    #[track_caller]
    pub fn deliver<'a>(
        self: &Arc<Self>,
        event: DecodedEvent,
        transaction: Option<&'a mut (dyn Any + Send)>,
    ) -> Option<Delivering<'a>> {
        let published_at = Location::caller();
        let lent = match self.wanted {
            Some(wanted) => Some(Lent::any(transaction?, wanted)?),
            None => None,
        };
        Some(self.start(event, lent, published_at))
    }

    fn start<'a>(
        self: &Arc<Self>,
        event: DecodedEvent,
        lent: Option<Lent<'a>>,
        published_at: &'static Location<'static>,
    ) -> Delivering<'a> {
        let is_lent = lent.is_some();
        let delivery = SeparateDelivery {
            call: Arc::clone(self),
            event,
            lent,
        };
        delivery::with_current(|parent| {
            if self.table.futures.is_none() {
                return delivery.run(published_at);
            }
            let futures = CallFutures::new(
                FuturesOwner::Bus(self.bus.clone(), Owned::Separate(Box::new(delivery))),
                |owner| owner.separate().calls(),
                |owner| {
                    let event = owner.separate().event.borrow();
                    let delivery = delivery_of(owner, event, published_at);
                    if is_lent {
                        delivery.lending(owner.map(FuturesOwner::lent))
                    } else {
                        delivery
                    }
                },
            );
            Delivering::running(HandlerFutures::new(
                futures,
                self.event,
                parent,
                observers_of,
            ))
        })
    }
}

/// Belongs to one delivery to a handler that runs by itself.
pub(super) struct SeparateDelivery<'a> {
    call: Arc<SeparateCall>,
    event: DecodedEvent,
    lent: Option<Lent<'a>>,
}

impl SeparateDelivery<'_> {
    fn calls(&self) -> AsyncCalls<'_> {
        let futures = self.call.table.futures.as_ref();
        let futures = futures.expect("it was there");
        futures.calls(self.event.borrow().value())
    }

    pub(super) fn lent(&self) -> &LentSlot {
        let lent = self.lent.as_ref();
        lent.expect("something is lent").slot()
    }

    /// Runs a plain handler.
    fn run<'b>(self, published_at: &'static Location<'static>) -> Delivering<'b> {
        let Self { call, event, lent } = self;
        let settled = call
            .bus
            .deliver_lending(&call.table, event.borrow(), lent, published_at);
        Delivering::over(settled)
    }
}

impl fmt::Debug for SeparateHandler {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "SeparateHandler({} of {})",
            self.info(),
            self.subject()
        )
    }
}

impl fmt::Debug for SeparateCall {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "SeparateCall({})", self.event_name())
    }
}
