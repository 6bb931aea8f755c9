//! Dead letters.

use jiff::Timestamp;

use super::tables::{EventRef, RetryRow, Tables, WaitRow};
use crate::store::{DeadFilter, DeadLetter};

impl Tables {
    pub(super) fn dead_letters(&self, filter: &DeadFilter) -> Vec<DeadLetter> {
        let all = self
            .subscriptions
            .values()
            .flat_map(|row| row.dead.values());
        let mut dead: Vec<_> = all.filter(|dead| fits(filter, dead)).cloned().collect();
        dead.sort_by_key(place_in_list);
        if let Some(after) = &filter.after {
            dead.retain(|dead| place_in_list(dead) > *after);
        }
        dead.truncate(filter.limit.unwrap_or(usize::MAX));
        dead
    }

    pub(super) fn retry_dead(&mut self, filter: &DeadFilter, now: Timestamp) -> u64 {
        let chosen = self.dead_letters(filter);
        for dead in &chosen {
            let Some(subscription) = self.subscriptions.get_mut(&dead.subscription) else {
                continue;
            };
            if let Some(letter) = subscription.dead.get_mut(&dead.envelope.id) {
                letter.is_retried = true;
            }
            let Some(partition) = subscription.partition_of(dead.envelope.slot) else {
                continue;
            };
            let waiting = partition.retries.get(&dead.position);
            if waiting.is_none_or(|waiting| waiting.wait == WaitRow::Stopped) {
                let retry = RetryRow {
                    event: EventRef::to(&dead.envelope),
                    attempts: 0,
                    first_attempt: None,
                    wait: WaitRow::Until(now),
                    failures: dead.failures.clone(),
                };
                partition.retries.insert(dead.position, retry);
                partition.done.remove(&dead.position);
            }
        }
        chosen.len() as u64
    }

    pub(super) fn discard_dead(&mut self, filter: &DeadFilter) -> u64 {
        let chosen = self.dead_letters(filter);
        for dead in &chosen {
            let Some(subscription) = self.subscriptions.get_mut(&dead.subscription) else {
                continue;
            };
            subscription.dead.remove(&dead.envelope.id);
            let Some(partition) = subscription.partition_of(dead.envelope.slot) else {
                continue;
            };
            let stands_for_it = partition
                .retries
                .get(&dead.position)
                .is_some_and(|retry| retry.event.id == dead.envelope.id);
            if stands_for_it {
                let retry = partition.retries.remove(&dead.position);
                if retry.is_some_and(|retry| retry.wait == WaitRow::Stopped) {
                    partition.lease = None;
                }
            }
        }
        chosen.len() as u64
    }
}

fn place_in_list(dead: &DeadLetter) -> (Timestamp, String, uuid::Uuid) {
    (dead.died_at, dead.subscription.clone(), dead.envelope.id)
}

fn fits(filter: &DeadFilter, dead: &DeadLetter) -> bool {
    let envelope = &dead.envelope;
    let is = |wanted: &Option<String>, actual: &str| wanted.as_ref().is_none_or(|it| it == actual);
    is(&filter.subscription, &dead.subscription)
        && is(&filter.name, &envelope.name)
        && filter.event.is_none_or(|id| id == envelope.id)
        && (filter.key.is_none() || filter.key == envelope.key)
        && filter.died_from.is_none_or(|from| dead.died_at >= from)
        && filter
            .died_before
            .is_none_or(|before| dead.died_at < before)
}
