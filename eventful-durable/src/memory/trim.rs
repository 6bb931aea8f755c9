//! Trimming the log.

use std::time::Duration;

use jiff::Timestamp;

use super::clock::earlier;
use super::tables::{PartitionRow, Tables};
use crate::store::{Partition, Position, Trimmed};

impl Tables {
    pub(super) fn trim(&mut self, retention: Duration, limit: usize, now: Timestamp) -> Trimmed {
        self.trim_below(PartitionRow::needs_from, retention, limit, now)
    }

    pub(super) fn trim_below(
        &mut self,
        needs_from: fn(&PartitionRow) -> Position,
        retention: Duration,
        limit: usize,
        now: Timestamp,
    ) -> Trimmed {
        let before = earlier(now, retention);
        self.once.retain(|_, said_at| *said_at >= before);
        let least = self.least_needed(needs_from);
        let mut trimmed = Trimmed::default();
        while let Some(first) = self.log.first_entry() {
            let position = *first.key();
            if first.get().appended_at >= before || position == self.last {
                break;
            }
            if let Some((partition, needed)) = least.as_ref().filter(|least| position >= least.1) {
                if self.holds_old_events(partition, before) {
                    trimmed.held_by = Some((partition.clone(), *needed));
                }
                break;
            }
            if trimmed.removed == limit as u64 {
                break;
            }
            first.remove();
            trimmed.removed += 1;
        }
        trimmed
    }

    /// Returns true if the partition still needs an event that is old, beside the one on which its cursor stands.
    fn holds_old_events(&self, partition: &Partition, before: Timestamp) -> bool {
        let row = self.partition(partition);
        row.is_some_and(|row| {
            let next = Position(row.cursor.position.0 + 1);
            let mut ahead = self.log.range(next..);
            !row.retries.is_empty()
                || ahead
                    .next()
                    .is_some_and(|(_, row)| row.appended_at < before)
        })
    }

    fn least_needed(
        &self,
        needs_from: fn(&PartitionRow) -> Position,
    ) -> Option<(Partition, Position)> {
        let rows = self.subscriptions.iter().flat_map(|(id, row)| {
            let partitions = row.partitions.iter();
            partitions.map(move |(number, row)| {
                let partition = Partition {
                    subscription: id.clone(),
                    number: *number,
                };
                (partition, needs_from(row))
            })
        });
        rows.min_by_key(|(_, position)| *position)
    }
}

impl PartitionRow {
    /// The first position that may not be trimmed: that of the cursor, or of a retry before it.
    fn needs_from(&self) -> Position {
        let retry = self.retries.keys().next();
        retry.map_or(self.cursor.position, |retry| {
            self.cursor.position.min(*retry)
        })
    }
}
