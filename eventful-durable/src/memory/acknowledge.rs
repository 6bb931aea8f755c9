//! The acknowledgement of the events of a partition.

use jiff::Timestamp;

use super::clock::later;
use super::tables::{EventRef, PartitionRow, RetryRow, Tables, WaitRow};
use crate::WhenDead;
use crate::store::{Acknowledgement, Dead, DeadLetter, Held, Retry, Verdict, Wait};

impl Tables {
    pub(super) fn acknowledge(&mut self, ack: &Acknowledgement, now: Timestamp) -> Verdict {
        if !self.is_held(&ack.held) || !self.has(ack.from) || !self.has(ack.to) {
            return Verdict::Void;
        }
        self.acknowledge_as_it_is(ack, now)
    }

    /// The acknowledgement without the guard of the token.
    pub(super) fn acknowledge_as_it_is(
        &mut self,
        ack: &Acknowledgement,
        now: Timestamp,
    ) -> Verdict {
        let cursor = self.partition(&ack.held.partition).map(|row| row.cursor);
        if cursor != Some(ack.from) {
            return Verdict::Void;
        }
        self.write_retries(ack, now);
        for dead in &ack.dead {
            self.bury(&ack.held, dead, now);
        }
        if let Some(row) = self.partition_mut(&ack.held.partition) {
            row.cursor = ack.to;
            row.handled += ack.handled;
            row.failing = ack.failing;
            for position in &ack.ended {
                row.notes.remove(position);
            }
            row.forget_done();
        }
        for append in &ack.append {
            self.append(append.clone(), now);
        }
        Verdict::Accepted
    }

    fn write_retries(&mut self, ack: &Acknowledgement, now: Timestamp) {
        for retry in &ack.retries {
            let logged = self.log.get(&retry.position);
            let logged = logged.map(|row| EventRef::to(&row.envelope));
            if let Some(row) = self.partition_mut(&ack.held.partition) {
                row.write_retry(retry, logged, now);
            }
        }
        if let Some(row) = self.partition_mut(&ack.held.partition) {
            for position in &ack.wake {
                if let Some(retry) = row.retries.get_mut(position) {
                    retry.wait = WaitRow::Until(now);
                }
            }
        }
        for position in &ack.done {
            let row = self.partition_mut(&ack.held.partition);
            let retry = row.and_then(|row| row.retries.remove(position));
            let subscription = self.subscriptions.get_mut(&ack.held.partition.subscription);
            if let (Some(retry), Some(subscription)) = (retry, subscription) {
                subscription.dead.remove(&retry.event.id);
            }
        }
    }

    fn bury(&mut self, held: &Held, dead: &Dead, now: Timestamp) {
        let id = &held.partition.subscription;
        let Some(subscription) = self.subscriptions.get_mut(id) else {
            return;
        };
        let letter = DeadLetter {
            subscription: id.clone(),
            position: dead.position,
            envelope: dead.envelope.clone(),
            attempts: dead.attempts,
            failures: dead.failures.clone(),
            reason: dead.reason.clone(),
            died_at: now,
            is_retried: false,
        };
        subscription.dead.insert(dead.envelope.id, letter);
        let Some(row) = subscription.partitions.get_mut(&held.partition.number) else {
            return;
        };
        row.retries.remove(&dead.position);
        if dead.when_dead == WhenDead::Stop {
            let stopped = RetryRow {
                event: EventRef::to(&dead.envelope),
                attempts: dead.attempts,
                first_attempt: None,
                wait: WaitRow::Stopped,
                failures: Vec::new(),
            };
            row.retries.insert(dead.position, stopped);
        }
    }
}

impl PartitionRow {
    fn write_retry(&mut self, retry: &Retry, logged: Option<EventRef>, now: Timestamp) {
        let before = self.retries.get(&retry.position);
        let first_attempt = before.and_then(|before| before.first_attempt);
        // The retry of a dead letter may be for an event that the log has lost.
        let Some(event) = logged.or_else(|| Some(before?.event.clone())) else {
            return;
        };
        let row = RetryRow {
            event,
            attempts: retry.attempts,
            first_attempt: first_attempt.or((retry.attempts > 0).then_some(now)),
            wait: match &retry.wait {
                Wait::For(time) => WaitRow::Until(later(now, *time)),
                Wait::Parked(needs) => WaitRow::Parked(needs.clone()),
                Wait::Stopped => WaitRow::Stopped,
            },
            failures: retry.failures.clone(),
        };
        self.retries.insert(retry.position, row);
    }

    /// Removes the *done* rows that nobody asks for any more.
    fn forget_done(&mut self) {
        let (cursor, retries) = (self.cursor.position, &self.retries);
        self.done
            .retain(|position| *position > cursor || retries.contains_key(position));
    }
}
