//! The tables of a bus: for each event its handlers, bound to their resources.

use std::any::TypeId;
use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher};
use std::sync::OnceLock;

use std::panic::Location;

use eventful_wiring::resolve::Reached;

use super::publishing::Keeper;
use super::{Bus, publish};
use crate::dispatch::{self, AimedFlight, DeliveryFlight, FlightTable};
use crate::event::{EventInfo, EventRef};
use crate::handler::HandlerInfo;
use crate::raw::Formation;
use crate::registry::{BoundHandler, BusHandler};
use crate::report::{Delivered, PublishError, WiringError};
use crate::resource::Resources;

/// The handlers of one event.
pub(super) type EventTable = dispatch::EventTable<Head>;
/// Those of an event that has no asynchronous ones.
pub(super) type Table = dispatch::Table<Head>;
pub(super) type AimedTable<'a> = dispatch::AimedTable<'a, Head>;

pub(super) type Aim<'a> = dispatch::Aim<'a, Head>;

/// What there is to know of a table before its handlers are looked at.
pub(super) struct Head {
    pub(super) event: &'static EventInfo,
    /// How the event is published on this bus.
    pub(super) publish: Publish,
    /// How it is published on the current bus, where this one is the default.
    pub(super) publish_current: Publish,
}

/// Publishes the event that a table is aimed at.
pub(super) type Publish = fn(
    &Bus,
    AimedTable<'_>,
    published_at: &'static Location<'static>,
) -> Result<Delivered, PublishError>;

/// The tables of one bus.
#[derive(Default)]
pub(super) struct Tables {
    /// One for each event that is not generic, at its index: what a publish takes without looking further. Empty if there is
    /// more to do, as on a bus with observers.
    fast: Box<[Table]>,
    /// The same, if `fast` is empty.
    slow: Box<[Table]>,
    /// Of the events that have asynchronous handlers, at their index.
    flights: Box<[Option<FlightTable>]>,
    generic: GenericTables,
}

impl Tables {
    /// Makes the tables of the events that are not generic, which come in the order of their indexes.
    pub(super) fn new(
        tables: impl Iterator<Item = (&'static EventInfo, EventTable)>,
        is_watched: bool,
    ) -> Self {
        let (mut now, mut flights) = (Vec::new(), Vec::new());
        for (event, table) in tables {
            let (table, flight) = match table {
                EventTable::Now(table) => (table, None),
                EventTable::Later(flight) => (now_table(event, Vec::new()), Some(flight)),
            };
            now.push(table);
            flights.push(flight);
        }
        let (fast, slow) = if is_watched {
            (Vec::new(), now)
        } else {
            (now, Vec::new())
        };
        Self {
            fast: fast.into(),
            slow: slow.into(),
            flights: flights.into(),
            generic: GenericTables::default(),
        }
    }

    /// The table that a publish takes without looking further, aimed at the event; beside it, if there is more to do.
    #[inline]
    pub(super) fn aim<'a>(&'a self, event: &EventRef<'a>) -> Aim<'a> {
        let Some(indexed) = event.indexed() else {
            return Aim::Beside;
        };
        match self.fast.get(indexed.index().get()) {
            Some(table) => table.aim(indexed),
            None => Aim::Beside,
        }
    }

    /// The table that [`aim`](Self::aim) takes.
    pub(super) fn fast(&self, event: &EventInfo) -> Option<&Table> {
        self.fast.get(event.index()?.index().get())
    }

    /// As [`aim`](Self::aim), of an event with asynchronous handlers; none if there is more to do, or if it has none.
    #[inline]
    pub(super) fn aim_flight<'a>(&'a self, event: &EventRef<'a>) -> Option<AimedFlight<'a>> {
        if self.fast.is_empty() {
            return None;
        }
        let indexed = event.indexed()?;
        let table = self.flights.get(indexed.index().get())?.as_ref()?;
        table.aim(indexed)
    }

    /// The table of an event with synchronous handlers only, if it is not generic.
    pub(super) fn now(&self, event: &EventInfo) -> Option<&Table> {
        let index = event.index()?.index().get();
        self.fast.get(index).or_else(|| self.slow.get(index))
    }

    /// The table of an event with asynchronous handlers, if it is not generic.
    pub(super) fn flight(&self, event: &EventInfo) -> Option<&FlightTable> {
        self.flights.get(event.index()?.index().get())?.as_ref()
    }

    pub(super) fn generic(&self) -> &GenericTables {
        &self.generic
    }
}

/// Makes the table of `event` with the handlers that it reaches, in order.
///
/// # Panics
///
/// If there are more handlers than [`Delivered`] can count.
pub(super) fn bind(
    event: &'static EventInfo,
    reached: &[Reached],
    handlers: &[BusHandler],
    resources: &Resources,
) -> EventTable {
    let bound = reached.iter().map(|reached| {
        let handler = &handlers[reached.handler];
        let family = reached.family.and_then(|it| event.memberships().nth(it));
        let bound = handler.bind(resources, family);
        let bound = bound.expect("no resource is missing: faults were reported");
        (handler.info, bound)
    });
    let bound: Vec<_> = bound.collect();
    assert!(
        bound.len() <= Delivered::MOST_HANDLERS as usize,
        "`{}` has {} handlers, and {} are the most that an event can have",
        event.name(),
        bound.len(),
        Delivered::MOST_HANDLERS
    );
    if bound.iter().any(|(_, handler)| handler.is_later()) {
        let formation = if event.is_concurrent() {
            Formation::Together
        } else {
            Formation::InTurn
        };
        let head = DeliveryFlight::<Keeper<'_>>::HEAD;
        let (subject, index) = (event.type_id, event.index());
        EventTable::Later(FlightTable::new(head, subject, index, formation, bound))
    } else {
        EventTable::Now(now_table(event, bound))
    }
}

fn now_table(event: &'static EventInfo, bound: Vec<(HandlerInfo, BoundHandler)>) -> Table {
    let (publish, publish_current): (Publish, Publish) = if event.is_fail_fast() {
        (publish::fail_fast, publish::fail_fast_on_current)
    } else {
        (publish::to_all, publish::to_all_on_current)
    };
    let head = Head {
        event,
        publish,
        publish_current,
    };
    Table::new(event.type_id, event.index(), bound, head)
}

/// The tables of instantiations of generic events, each made when it is first asked for.
///
/// They are kept in lists that only grow, so that a table can be lent for as long as the bus lives, without a lock.
#[derive(Default)]
pub(super) struct GenericTables {
    buckets: [OnceLock<Box<Node>>; BUCKETS],
}

const BUCKETS: usize = 32;

struct Node {
    event: TypeId,
    table: Result<EventTable, WiringError>,
    next: OnceLock<Box<Node>>,
}

impl GenericTables {
    /// The table of `event`, which `make` makes if there is none.
    pub(super) fn get_or_make(
        &self,
        event: TypeId,
        make: impl FnOnce() -> Result<EventTable, WiringError>,
    ) -> Result<&EventTable, WiringError> {
        let hasher = BuildHasherDefault::<DefaultHasher>::default();
        let bucket = usize::try_from(hasher.hash_one(event) % BUCKETS as u64).unwrap_or_default();
        let mut place = &self.buckets[bucket];
        while let Some(node) = place.get() {
            if node.event == event {
                return node.table.as_ref().map_err(Clone::clone);
            }
            place = &node.next;
        }
        // Made outside of the list: it may take a while, and others need not wait for it.
        let mut new = Some(Box::new(Node {
            event,
            table: make(),
            next: OnceLock::new(),
        }));
        loop {
            // Somebody else may have added a node since, perhaps the same.
            let node = place.get_or_init(|| new.take().expect("it is taken once"));
            if node.event == event {
                return node.table.as_ref().map_err(Clone::clone);
            }
            place = &node.next;
        }
    }
}
