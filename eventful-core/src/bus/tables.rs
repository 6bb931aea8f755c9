//! The tables of a bus: for each event its handlers, bound to their resources.

use std::any::TypeId;
use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher};
use std::sync::OnceLock;

use eventful_wiring::resolve::Reached;

use super::publish_async::FuturesOwner;
use crate::dispatch::{AsyncTable, EventTable, Lookup, SyncTable};
use crate::event::{EventInfo, EventRef};
use crate::handler::HandlerInfo;
use crate::raw::{Concurrency, Index, Indexed};
use crate::registry::{BoundHandler, BusHandler};
use crate::report::{Delivered, WiringError};
use crate::resource::Resources;

/// The tables of one bus.
#[derive(Default)]
pub(super) struct Tables {
    /// The tables of the events that are not generic, each at the index of its event.
    events: Box<[EventTable]>,
    generic: GenericTables,
}

impl Tables {
    /// Takes the tables of the events that are not generic, in the order of their indexes.
    pub(super) fn new(events: impl Iterator<Item = EventTable>) -> Self {
        Self {
            events: events.collect(),
            generic: GenericTables::default(),
        }
    }

    /// Finds the handlers of an event, unless there is more to do than to call them.
    #[inline]
    pub(super) fn lookup<'a>(&'a self, event: &EventRef<'a>) -> Lookup<'a> {
        match event.indexed() {
            Some(indexed) => self.lookup_indexed(indexed),
            None => Lookup::SlowPath,
        }
    }

    /// Finds the handlers of an event that is not generic.
    #[inline]
    pub(super) fn lookup_indexed<'a>(&'a self, indexed: Indexed<'a>) -> Lookup<'a> {
        match self.get(indexed.index()) {
            Some(table) => table.sync.lookup(indexed),
            None => Lookup::SlowPath,
        }
    }

    /// The table of an event that is not generic.
    #[inline]
    pub(super) fn get(&self, index: &Index) -> Option<&EventTable> {
        self.events.get(index.get())
    }

    pub(super) fn generic(&self) -> &GenericTables {
        &self.generic
    }
}

/// Makes the table of `event` with the handlers that it reaches, in order. `is_fast` says whether a publish may take it
/// without looking further.
///
/// # Panics
///
/// If there are more handlers than [`Delivered`] can count.
pub(super) fn bind(
    event: &'static EventInfo,
    reached: &[Reached],
    handlers: &[BusHandler],
    resources: &Resources,
    is_fast: bool,
) -> EventTable {
    // One that runs by itself is in no table: the worker delivers to it.
    let in_publish = reached
        .iter()
        .filter(|reached| handlers[reached.handler].separate.is_none());
    let bound = in_publish.map(|reached| {
        let handler = &handlers[reached.handler];
        let family = reached.family.and_then(|it| event.memberships().nth(it));
        let bound = handler.bind(resources, family);
        let bound = bound.expect("no resource is missing: faults were reported");
        (handler.info, bound)
    });
    table_of(event, bound.collect(), is_fast)
}

/// Makes a table of `event`.
pub(super) fn table_of(
    event: &'static EventInfo,
    bound: Vec<(HandlerInfo, BoundHandler)>,
    is_fast: bool,
) -> EventTable {
    assert!(
        bound.len() <= Delivered::MOST_HANDLERS as usize,
        "`{}` has {} handlers, and {} are the most that an event can have",
        event.name(),
        bound.len(),
        Delivered::MOST_HANDLERS
    );
    let index = event.index().filter(|_| is_fast);
    if bound.iter().any(|(_, handler)| handler.is_async()) {
        let concurrency = if event.is_concurrent() {
            Concurrency::Concurrent
        } else {
            Concurrency::Sequential
        };
        let head = FuturesOwner::HEAD;
        let table = AsyncTable::new(head, event.type_id, concurrency, bound);
        EventTable {
            sync: SyncTable::new(event.type_id, None, event, Vec::new()),
            futures: Some(Box::new(table)),
        }
    } else {
        EventTable {
            // The slow path knows how to stop at a failure.
            sync: SyncTable::new(
                event.type_id,
                index.filter(|_| !event.is_fail_fast()),
                event,
                bound,
            ),
            futures: None,
        }
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
