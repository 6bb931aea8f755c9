//! Changes that people ask for, and what they see.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;

use super::clock::until;
use super::tables::{PartitionRow, SubscriptionRow, Tables, WaitRow};
use crate::store::{
    Change, Partition, PartitionState, Place, Position, Slots, StoreError, SubscriptionState,
};

impl Tables {
    pub(super) fn change(&mut self, id: &str, change: &Change) -> Result<(), StoreError> {
        self.subscription(id)?;
        match change {
            Change::Pause => self.subscription(id)?.paused = true,
            Change::Resume => self.subscription(id)?.paused = false,
            Change::Rename(to) if self.subscriptions.contains_key(to) => {
                return Err(StoreError::refused(format!(
                    "`{to}` is the id of another subscription"
                )));
            }
            Change::Rename(to) => self.rename(id, to),
            Change::Remove => {
                self.subscriptions.remove(id);
            }
            Change::Forget(name) => self.subscription(id)?.forget(name),
            Change::Split(parts) => self.subscription(id)?.split(id, *parts)?,
            Change::Join => self.join(id)?,
            Change::Replay(from) => {
                let to = self.last_place_through(*from);
                self.subscription(id)?.set_back(id, to)?;
            }
        }
        Ok(())
    }

    fn join(&mut self, id: &str) -> Result<(), StoreError> {
        let row = self.subscription(id)?;
        let cursors = row.partitions.values().map(|row| row.cursor);
        let Some(cursor) = cursors.min_by_key(|cursor| cursor.position) else {
            return Ok(());
        };
        let parts = std::mem::take(&mut row.partitions);
        let mut whole = PartitionRow::new(Slots::ALL, cursor);
        let mut ahead = 0;
        for part in parts.values() {
            let next = Position(cursor.position.0 + 1);
            let passed = self.log.range(next..=part.cursor.position.max(next));
            let passed = passed.filter(|(position, row)| {
                part.slots.contains(row.envelope.slot) && **position <= part.cursor.position
            });
            for (position, _) in passed {
                ahead += 1;
                if !part.retries.contains_key(position) {
                    whole.done.insert(*position);
                }
            }
            whole.take_over(part);
        }
        let close = Change::require_close(id, ahead);
        let whole = BTreeMap::from([(0, whole)]);
        self.subscription(id)?.partitions = if close.is_ok() { whole } else { parts };
        close
    }

    /// The last place at or before a position.
    fn last_place_through(&self, position: Position) -> Place {
        let before = self.log.range(..=position).next_back();
        before.map_or(Place::BEGINNING, |(position, _)| self.place_at(*position))
    }

    pub(super) fn states(&self, now: Timestamp) -> Vec<SubscriptionState> {
        let state = |(id, row): (&String, &SubscriptionRow)| SubscriptionState {
            id: id.clone(),
            names: row.names.clone(),
            paused: row.paused,
            replay: row.replay,
            registered_at: row.registered_at,
            dead: row.dead.len() as u64,
            partitions: row
                .partitions
                .iter()
                .map(|(number, row)| self.state_of(id, *number, row, now))
                .collect(),
        };
        self.subscriptions.iter().map(state).collect()
    }

    fn state_of(
        &self,
        id: &str,
        number: u32,
        row: &PartitionRow,
        now: Timestamp,
    ) -> PartitionState {
        let next = Position(row.cursor.position.0 + 1);
        let ahead = || self.log.range(next..);
        let is_parked = |wait: &WaitRow| matches!(wait, WaitRow::Parked(_));
        let parked = row.retries.values().filter(|row| is_parked(&row.wait));
        let lease = row.lease.filter(|lease| lease.until > now);
        PartitionState {
            partition: Partition {
                subscription: id.to_owned(),
                number,
            },
            slots: row.slots,
            cursor: row.cursor,
            replayed_through: row.replayed_through,
            owner: lease.map(|lease| lease.worker),
            leased_for: lease.map(|lease| until(now, lease.until)),
            lag: ahead().count() as u64,
            oldest: ahead().next().map(|(_, row)| until(row.appended_at, now)),
            retries: row.retries.len() as u64,
            parked: parked.count() as u64,
            handled: row.handled,
            failing: row.failing,
        }
    }

    /// Empties every event of a key.
    pub(super) fn erase(&mut self, key: &str) -> u64 {
        let is_it = |of: &Option<String>| of.as_deref() == Some(key);
        let mut erased = 0;
        for row in self.log.values_mut() {
            if is_it(&row.envelope.key) {
                Arc::make_mut(&mut row.envelope).payload.clear();
                erased += 1;
            }
        }
        for append in self.scheduled.values_mut() {
            if is_it(&append.envelope.key) {
                append.envelope.payload.clear();
                erased += 1;
            }
        }
        for subscription in self.subscriptions.values_mut() {
            let retries = subscription.partitions.values_mut();
            for retry in retries.flat_map(|row| row.retries.values_mut()) {
                if is_it(&retry.event.key) {
                    retry.failures.clear();
                }
            }
            for dead in subscription.dead.values_mut() {
                if is_it(&dead.envelope.key) {
                    Arc::make_mut(&mut dead.envelope).payload.clear();
                    dead.failures.clear();
                    erased += 1;
                }
            }
        }
        erased
    }
}

impl PartitionRow {
    /// Takes everything but the cursor of a part.
    fn take_over(&mut self, part: &Self) {
        self.replayed_through = self.replayed_through.max(part.replayed_through);
        self.retries.extend(part.retries.clone());
        self.done.extend(&part.done);
        for (position, note) in &part.notes {
            let known = self.notes.entry(*position).or_insert(*note);
            known.deaths = known.deaths.max(note.deaths);
            known.alone |= note.alone;
        }
        self.handled += part.handled;
        self.failing |= part.failing;
    }
}

impl SubscriptionRow {
    fn forget(&mut self, name: &str) {
        self.names.remove(name);
        for partition in self.partitions.values_mut() {
            let is_kept =
                |_: &Position, retry: &mut super::tables::RetryRow| retry.event.name != name;
            partition.retries.retain(is_kept);
        }
        self.revoke();
    }

    fn split(&mut self, id: &str, parts: u32) -> Result<(), StoreError> {
        let mut rows = Vec::new();
        for whole in self.partitions.values() {
            let Some(slots) = whole.slots.split(parts) else {
                let text = format!("a partition of `{id}` does not have {parts} slots");
                return Err(StoreError::refused(text));
            };
            rows.extend(slots.into_iter().map(|slots| (whole, slots)));
        }
        let parts = rows.into_iter().enumerate();
        let parts = parts.map(|(index, (whole, slots))| {
            let mut part = whole.clone();
            part.slots = slots;
            part.lease = None;
            part.retries
                .retain(|_, retry| slots.contains(retry.event.slot));
            if slots.first != whole.slots.first {
                part.handled = 0;
            }
            (u32::try_from(index).unwrap_or(u32::MAX), part)
        });
        self.partitions = parts.collect();
        Ok(())
    }

    fn set_back(&mut self, id: &str, to: Place) -> Result<(), StoreError> {
        if !self.replay {
            let text = format!("`{id}` refuses replays: its handler says `replay = \"refuse\"`");
            return Err(StoreError::refused(text));
        }
        for partition in self.partitions.values_mut() {
            let cursor = partition.cursor.position;
            if cursor <= to.position {
                continue;
            }
            partition.cursor = to;
            partition.replayed_through = partition.replayed_through.max(Some(cursor));
            let retries = &partition.retries;
            partition
                .done
                .retain(|position| *position <= to.position || retries.contains_key(position));
            partition.lease = None;
        }
        Ok(())
    }
}
