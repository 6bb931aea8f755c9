//! Appending to the log.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use uuid::Uuid;

use super::clock::until;
use super::tables::{LogRow, Tables};
use crate::store::{Advanced, Logged, Place, Position};
use crate::{Append, Envelope, Headers};

/// The most scheduled events that one step appends.
const SCHEDULED_AT_ONCE: usize = 500;

impl Tables {
    /// Appends an event to the log or to what is scheduled, unless its word was said before.
    pub(super) fn append(&mut self, append: Append, now: Timestamp) {
        if let Some(word) = &append.once {
            let word = (append.envelope.name.clone(), word.clone());
            if self.once.contains_key(&word) {
                return;
            }
            self.once.insert(word, now);
        }
        match append.due_at {
            Some(due_at) if due_at > now => {
                self.scheduled_count += 1;
                self.scheduled
                    .insert((due_at, self.scheduled_count), append);
            }
            _ => self.append_to_log(append, now),
        }
    }

    fn append_to_log(&mut self, append: Append, now: Timestamp) {
        self.last = Position(self.last.0 + 1);
        let place = Place {
            position: self.last,
            step: self.step,
        };
        self.insert(place, Arc::new(append.envelope), now);
    }

    /// Takes over a part of another store's log.
    pub(super) fn mirror(&mut self, events: &[Logged], through: Place, now: Timestamp) {
        for event in events {
            self.insert(event.place, event.envelope.clone(), now);
        }
        if !self.has(through) {
            let nothing = Envelope {
                id: Uuid::nil(),
                name: String::new(),
                version: 0,
                key: None,
                slot: 0,
                payload: Vec::new(),
                occurred_at: now,
                headers: Headers::default(),
            };
            self.insert(through, Arc::new(nothing), now);
        }
        self.last = through.position;
    }

    /// Follows another store's log, which has lost what was behind `last`. Cursors behind it are set back when they are
    /// taken.
    pub(super) fn mirror_loss(&mut self, last: Place, now: Timestamp) {
        let is_left = |position: &Position| *position <= last.position;
        self.log.retain(|position, _| is_left(position));
        self.mirror(&[], last, now);
        self.set_back_to = last;
        for subscription in self.subscriptions.values_mut() {
            for heard in subscription.names.values_mut() {
                heard.since = heard.since.min(last.position);
            }
            for partition in subscription.partitions.values_mut() {
                // Their positions are given again, to other events.
                partition.retries.retain(|position, _| is_left(position));
                partition.notes.retain(|position, _| is_left(position));
            }
        }
    }

    fn insert(&mut self, place: Place, envelope: Arc<Envelope>, appended_at: Timestamp) {
        let row = LogRow {
            step: place.step,
            envelope,
            appended_at,
        };
        self.log.insert(place.position, row);
    }

    pub(super) fn advance(&mut self, now: Timestamp) -> Advanced {
        for _ in 0..SCHEDULED_AT_ONCE {
            let Some(first) = self.scheduled.first_entry() else {
                break;
            };
            if first.key().0 > now {
                break;
            }
            let append = first.remove();
            self.append_to_log(append, now);
        }
        let next = self.scheduled.first_key_value();
        Advanced {
            end: self.end(),
            next_scheduled_in: next.map(|((due_at, _), _)| -> Duration { until(now, *due_at) }),
            now,
        }
    }
}
