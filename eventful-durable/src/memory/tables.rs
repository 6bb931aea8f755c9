//! The tables of a store in memory.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::Timestamp;
use uuid::Uuid;

use crate::store::{
    Announcement, DeadLetter, Failure, Heard, Held, Needs, Partition, Place, Position, Slots,
    StoreError, Token,
};
use crate::{Append, Envelope};

#[derive(Default)]
pub(crate) struct Tables {
    pub(super) log: BTreeMap<Position, LogRow>,
    /// The step that gives positions: another one after a failover, which only tests make.
    pub(super) step: i64,
    /// The position of the last event that was ever appended.
    pub(super) last: Position,
    /// The place to which a cursor goes back whose own is gone: the beginning, because nobody knows which of the events
    /// before it are those that were handled. The owner of a mirror may know.
    pub(super) set_back_to: Place,
    /// Scheduled events, by the instant at which they are due and the order in which they were scheduled.
    pub(super) scheduled: BTreeMap<(Timestamp, u64), Append>,
    pub(super) scheduled_count: u64,
    /// Words of publishers: by name of the event and word, the instant.
    pub(super) once: BTreeMap<(String, String), Timestamp>,
    pub(super) events: BTreeMap<String, u32>,
    pub(super) subscriptions: BTreeMap<String, SubscriptionRow>,
    /// The announcements of workers, with the instant until which they hold.
    pub(super) workers: BTreeMap<Uuid, (Announcement, Timestamp)>,
}

pub(super) struct LogRow {
    pub(super) step: i64,
    pub(super) envelope: Arc<Envelope>,
    pub(super) appended_at: Timestamp,
}

pub(super) struct SubscriptionRow {
    /// The ids that it had before.
    pub(super) earlier: BTreeSet<String>,
    pub(super) names: BTreeMap<String, Heard>,
    pub(super) paused: bool,
    pub(super) replay: bool,
    pub(super) registered_at: Timestamp,
    pub(super) partitions: BTreeMap<u32, PartitionRow>,
    /// Dead letters, by the id of their event.
    pub(super) dead: BTreeMap<Uuid, DeadLetter>,
}

#[derive(Clone)]
pub(super) struct PartitionRow {
    pub(super) slots: Slots,
    pub(super) cursor: Place,
    pub(super) replayed_through: Option<Position>,
    pub(super) lease: Option<LeaseRow>,
    pub(super) retries: BTreeMap<Position, RetryRow>,
    pub(super) done: BTreeSet<Position>,
    pub(super) notes: BTreeMap<Position, NoteRow>,
    pub(super) handled: u64,
    pub(super) failing: bool,
}

/// A lease that was neither released nor revoked. It may have run out.
#[derive(Clone, Copy)]
pub(super) struct LeaseRow {
    pub(super) token: Token,
    pub(super) worker: Uuid,
    pub(super) until: Timestamp,
}

#[derive(Clone)]
pub(super) struct RetryRow {
    /// The event itself is in the log, or in the dead letter that is retried.
    pub(super) event: EventRef,
    pub(super) attempts: u32,
    pub(super) first_attempt: Option<Timestamp>,
    pub(super) wait: WaitRow,
    pub(super) failures: Vec<Failure>,
}

#[derive(Clone)]
pub(super) struct EventRef {
    pub(super) id: Uuid,
    pub(super) name: String,
    pub(super) key: Option<String>,
    pub(super) slot: u8,
}

#[derive(Clone, PartialEq)]
pub(super) enum WaitRow {
    Until(Timestamp),
    Parked(Needs),
    Stopped,
}

#[derive(Clone, Copy)]
pub(super) struct NoteRow {
    pub(super) alone: bool,
    pub(super) deaths: u32,
}

impl Tables {
    pub(super) fn end(&self) -> Place {
        self.place_at(self.last)
    }

    /// The place of a position: with a step of 0, also if it is gone.
    pub(super) fn place_at(&self, position: Position) -> Place {
        let step = self.log.get(&position).map_or(0, |row| row.step);
        Place { position, step }
    }

    /// Returns true if the place is that of an event in the log, or the one before the first event, or the one to which
    /// cursors go back.
    pub(super) fn has(&self, place: Place) -> bool {
        let row = self.log.get(&place.position);
        let is_kept = place == Place::BEGINNING || place == self.set_back_to;
        is_kept || row.is_some_and(|row| row.step == place.step)
    }

    pub(super) fn partition(&self, partition: &Partition) -> Option<&PartitionRow> {
        let subscription = self.subscriptions.get(&partition.subscription)?;
        subscription.partitions.get(&partition.number)
    }

    pub(super) fn partition_mut(&mut self, partition: &Partition) -> Option<&mut PartitionRow> {
        let subscription = self.subscriptions.get_mut(&partition.subscription)?;
        subscription.partitions.get_mut(&partition.number)
    }

    /// Returns true if the token is that of the partition, also if its lease has run out.
    pub(super) fn is_held(&self, held: &Held) -> bool {
        let lease = self.partition(&held.partition).and_then(|row| row.lease);
        lease.is_some_and(|lease| lease.token == held.token)
    }

    /// Returns true if the event has this position, in the log or among the retries of the partition.
    pub(super) fn has_event(&self, partition: &Partition, position: Position, event: Uuid) -> bool {
        let logged = self.log.get(&position);
        let waits = self
            .partition(partition)
            .and_then(|row| row.retries.get(&position));
        logged.is_some_and(|row| row.envelope.id == event)
            || waits.is_some_and(|row| row.event.id == event)
    }

    pub(super) fn subscription(&mut self, id: &str) -> Result<&mut SubscriptionRow, StoreError> {
        self.subscriptions
            .get_mut(id)
            .ok_or_else(|| StoreError::refused(format!("there is no subscription `{id}`")))
    }
}

impl EventRef {
    pub(super) fn to(envelope: &Envelope) -> Self {
        Self {
            id: envelope.id,
            name: envelope.name.clone(),
            key: envelope.key.clone(),
            slot: envelope.slot,
        }
    }
}

impl SubscriptionRow {
    /// Makes every write under a lease void.
    pub(super) fn revoke(&mut self) {
        for partition in self.partitions.values_mut() {
            partition.lease = None;
        }
    }

    /// The partition that has the slot.
    pub(super) fn partition_of(&mut self, slot: u8) -> Option<&mut PartitionRow> {
        self.partitions
            .values_mut()
            .find(|partition| partition.slots.contains(slot))
    }
}

impl PartitionRow {
    pub(super) fn new(slots: Slots, cursor: Place) -> Self {
        Self {
            slots,
            cursor,
            replayed_through: None,
            lease: None,
            retries: BTreeMap::new(),
            done: BTreeSet::new(),
            notes: BTreeMap::new(),
            handled: 0,
            failing: false,
        }
    }
}
