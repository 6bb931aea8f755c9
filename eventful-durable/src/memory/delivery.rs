//! Events on their way to a worker.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use super::clock::until;
use super::tables::{RetryRow, Tables, WaitRow};
use crate::Envelope;
use crate::store::{Budget, Due, DueRetry, Fetch, Fetched, Limit, Logged, Partition, Position};

impl Tables {
    pub(super) fn fetch(&self, fetch: &Fetch) -> Fetched {
        let mut budget = Budget::new(fetch.limit);
        let mut events = Vec::new();
        let mut through = fetch.after;
        let after = Position(fetch.after.position.0 + 1);
        for (position, row) in self.log.range(after..) {
            let envelope = &row.envelope;
            let is_named = fetch
                .names
                .as_ref()
                .is_none_or(|names| names.contains(&envelope.name));
            if is_named && fetch.slots.contains(envelope.slot) {
                if !budget.takes(envelope.payload.len()) {
                    break;
                }
                events.push(Logged {
                    place: self.place_at(*position),
                    envelope: envelope.clone(),
                });
            }
            through = self.place_at(*position);
        }
        Fetched { events, through }
    }

    pub(super) fn due(&self, partition: &Partition, limit: Limit, now: Timestamp) -> Due {
        let subscription = self.subscriptions.get(&partition.subscription);
        let row = self.partition(partition);
        let (Some(subscription), Some(row)) = (subscription, row) else {
            return Due::default();
        };
        let mut due = Due {
            outstanding: row.retries.len(),
            ..Due::default()
        };
        let mut budget = Budget::new(limit);
        let mut shut_keys = BTreeSet::new();
        for (position, retry) in &row.retries {
            let key = retry.event.key.as_deref();
            if key.is_some_and(|key| shut_keys.contains(key)) {
                continue;
            }
            let wait = match retry.wait {
                WaitRow::Until(due_at) => until(now, due_at),
                WaitRow::Parked(_) | WaitRow::Stopped => Duration::MAX,
            };
            let dead = subscription.dead.get(&retry.event.id);
            let logged = self.log.get(position).map(|row| &row.envelope);
            let envelope = logged.or(dead.map(|dead| &dead.envelope));
            if wait.is_zero()
                && let Some(envelope) = envelope
                && budget.takes(envelope.payload.len())
            {
                due.rows.push(retry.due(*position, envelope.clone(), now));
                continue;
            }
            shut_keys.extend(key);
            let is_parked = wait == Duration::MAX || envelope.is_none();
            due.next_in = match due.next_in {
                next if is_parked => next,
                next => Some(next.map_or(wait, |next| next.min(wait))),
            };
        }
        due
    }
}

impl RetryRow {
    fn due(&self, position: Position, envelope: Arc<Envelope>, now: Timestamp) -> DueRetry {
        DueRetry {
            position,
            envelope,
            attempts: self.attempts,
            tried_for: self
                .first_attempt
                .map_or(Duration::ZERO, |first| until(first, now)),
            failures: self.failures.clone(),
        }
    }
}
