//! Leases and notes.

use std::time::Duration;

use jiff::Timestamp;

use super::clock::later;
use super::tables::{LeaseRow, NoteRow, Tables, WaitRow};
use crate::store::{Acquire, Company, Held, Lease, Outstanding, Position, Suspect, Verdict};

impl Tables {
    pub(super) fn acquire(&mut self, acquire: &Acquire, now: Timestamp) -> Option<Lease> {
        let subscription = self.subscriptions.get(&acquire.partition.subscription)?;
        let row = subscription.partitions.get(&acquire.partition.number)?;
        if subscription.paused || row.lease.is_some_and(|lease| lease.until > now) {
            return None;
        }
        let names = subscription.names.clone();
        let ended_without_release = row.lease.is_some();
        let cursor = row.cursor;
        let is_gone = !self.has(cursor);
        let set_back_to = self.set_back_to;

        let row = self.partition_mut(&acquire.partition)?;
        row.lease = Some(LeaseRow {
            token: acquire.token,
            worker: acquire.worker,
            until: later(now, acquire.ttl),
        });
        if is_gone {
            row.cursor = set_back_to;
            row.replayed_through = row.replayed_through.max(Some(cursor.position));
        }
        for note in row.notes.values_mut() {
            if ended_without_release && note.alone {
                note.deaths += 1;
            }
            note.alone = false;
        }
        let outstanding = row.retries.iter().map(|(position, retry)| Outstanding {
            position: *position,
            key: retry.event.key.clone(),
            parked: match &retry.wait {
                WaitRow::Parked(needs) => Some(needs.clone()),
                WaitRow::Until(_) | WaitRow::Stopped => None,
            },
        });
        let suspects = row.notes.iter().map(|(position, note)| Suspect {
            position: *position,
            deaths: note.deaths,
        });
        Some(Lease {
            held: Held {
                partition: acquire.partition.clone(),
                token: acquire.token,
            },
            slots: row.slots,
            cursor: row.cursor,
            names,
            replayed_through: row.replayed_through,
            outstanding: outstanding.collect(),
            done: row.done.clone(),
            ended_without_release,
            suspects: suspects.collect(),
            set_back_from: is_gone.then_some(cursor),
        })
    }

    pub(super) fn renew(&mut self, held: &[Held], ttl: Duration, now: Timestamp) -> Vec<Held> {
        let mut renewed = Vec::new();
        for held in held {
            let row = self.partition_mut(&held.partition);
            let lease = row.and_then(|row| row.lease.as_mut());
            if let Some(lease) = lease.filter(|lease| lease.token == held.token) {
                lease.until = later(now, ttl);
                renewed.push(held.clone());
            }
        }
        renewed
    }

    pub(super) fn release(&mut self, held: &[Held]) {
        for held in held {
            if self.is_held(held)
                && let Some(row) = self.partition_mut(&held.partition)
            {
                row.lease = None;
            }
        }
    }

    pub(super) fn note(
        &mut self,
        held: &Held,
        positions: &[Position],
        company: Company,
    ) -> Verdict {
        if !self.is_held(held) {
            return Verdict::Void;
        }
        if let Some(row) = self.partition_mut(&held.partition) {
            for position in positions {
                let deaths = row.notes.get(position).map_or(0, |note| note.deaths);
                let alone = company == Company::Alone;
                row.notes.insert(*position, NoteRow { alone, deaths });
            }
        }
        Verdict::Accepted
    }
}
