//! Where a recorder keeps what it records, for any number of threads at a time.
//!
//! Nothing of the user's runs while the lock is held: no `clone`, no `Debug`, no predicate and no `drop`. Each may publish,
//! or ask the recorder.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use super::coverage::Coverage;
use super::event_types::EventType;
use super::record::{Kept, Record};
use super::waiting::Bell;

#[derive(Default)]
pub(super) struct Journal {
    contents: Mutex<Contents>,
    /// Is notified of every record.
    grown: Condvar,
}

#[derive(Default)]
pub(super) struct Contents {
    pub(super) coverage: Coverage,
    records: Vec<Record>,
    /// How many were ever recorded, forgotten ones included.
    recorded: u64,
    /// Those of the futures that wait.
    bells: Vec<Arc<Bell>>,
}

impl Journal {
    pub(super) fn contents(&self) -> MutexGuard<'_, Contents> {
        self.contents.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn add(&self, event: EventType, kept: Kept) {
        let mut contents = self.contents();
        let number = contents.recorded;
        contents.recorded += 1;
        contents.records.push(Record {
            number,
            event,
            kept,
        });
        let bells = contents.bells.clone();
        drop(contents);
        self.grown.notify_all();
        for bell in bells {
            bell.ring();
        }
    }

    pub(super) fn records(&self) -> Vec<Record> {
        self.contents().records.clone()
    }

    /// The records from number `*seen` on, all of which then count as seen.
    pub(super) fn unseen(&self, seen: &mut u64) -> Vec<Record> {
        let contents = self.contents();
        let from = contents
            .records
            .partition_point(|record| record.number < *seen);
        *seen = contents.recorded;
        contents.records[from..].to_vec()
    }

    /// Blocks this thread until there are records from number `seen` on, or until the deadline.
    pub(super) fn wait(&self, seen: u64, deadline: Option<Instant>) {
        let mut contents = self.contents();
        while contents.recorded <= seen {
            let Some(deadline) = deadline else {
                contents = self
                    .grown
                    .wait(contents)
                    .unwrap_or_else(PoisonError::into_inner);
                continue;
            };
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return;
            }
            (contents, _) = self
                .grown
                .wait_timeout(contents, left)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Forgets all records, or those of one event, and returns them.
    pub(super) fn take(&self, event: Option<EventType>) -> Vec<Record> {
        let records = &mut self.contents().records;
        let is_taken = |record: &mut Record| event.is_none_or(|event| record.event == event);
        records.extract_if(.., is_taken).collect()
    }

    pub(super) fn add_bell(&self, bell: &Arc<Bell>) {
        self.contents().bells.push(Arc::clone(bell));
    }

    pub(super) fn remove_bell(&self, bell: &Arc<Bell>) {
        self.contents()
            .bells
            .retain(|other| !Arc::ptr_eq(other, bell));
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::Journal;

    #[test]
    fn a_bell_goes_with_the_future_that_it_is_of() {
        let journal = Journal::default();
        let bells = [Arc::default(), Arc::default()];
        for bell in &bells {
            journal.add_bell(bell);
        }
        journal.remove_bell(&bells[0]);
        let left = journal.contents().bells.clone();
        assert!(left.iter().map(Arc::as_ptr).eq([Arc::as_ptr(&bells[1])]));
    }
}
