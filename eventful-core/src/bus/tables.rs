//! The tables of a bus: for each event its handlers, bound to their resources.

use std::any::TypeId;
use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher};
use std::sync::OnceLock;

use super::routes::Route;
use crate::dispatch::{EventTable, FlightTable, Table};
use crate::event::{EventEntry, EventInfo};
use crate::raw::Formation;
use crate::report::{Delivered, WiringError};
use crate::resource::Resources;

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
    /// Makes the tables of the events that are not generic from `tables`, which are in the order of their indexes.
    pub(super) fn new(tables: Vec<EventTable>, is_watched: bool) -> Self {
        let mut now = Vec::with_capacity(tables.len());
        let mut flights = Vec::with_capacity(tables.len());
        for table in tables {
            let (table, flight) = match table {
                EventTable::Now(table) => (table, None),
                EventTable::Later(flight) => {
                    (Table::new(flight.subject(), Vec::new()), Some(flight))
                }
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

    #[inline]
    pub(super) fn fast(&self, entry: Option<&'static EventEntry>) -> Option<&Table> {
        self.fast.get(entry?.index.get())
    }

    /// The table of an event with synchronous handlers only, if it is registered and not generic.
    pub(super) fn now(&self, entry: &'static EventEntry) -> Option<&Table> {
        let index = entry.index.get();
        self.fast.get(index).or_else(|| self.slow.get(index))
    }

    /// The table of an event with asynchronous handlers, if it is not generic.
    pub(super) fn flight(&self, entry: &'static EventEntry) -> Option<&FlightTable> {
        self.flights.get(entry.index.get())?.as_ref()
    }

    pub(super) fn generic(&self) -> &GenericTables {
        &self.generic
    }
}

/// The table of `event` with the handlers of `routes`, in that order.
///
/// # Panics
///
/// If there are more handlers than [`Delivered`] can count.
pub(super) fn bind(event: &EventInfo, routes: &[Route<'_>], resources: &Resources) -> EventTable {
    let bound = routes.iter().map(|route| {
        route
            .bind(resources)
            .expect("no resource is missing: faults were reported")
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
        EventTable::Later(FlightTable::new(event.type_id(), formation, bound))
    } else {
        EventTable::Now(Table::new(event.type_id(), bound))
    }
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
