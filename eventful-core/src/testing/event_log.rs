//! The log of a recorder, for any number of threads at a time.
//!
//! No code of the user runs while the lock is held: no `clone`, no `Debug`, no predicate and no `drop`. Each may
//! publish, or ask the recorder.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use super::coverage::Coverage;
use super::event_types::EventType;
use super::record::{Record, RecordedValues};
use super::waker_slot::WakerSlot;

#[derive(Default)]
pub(super) struct EventLog {
    contents: Mutex<Contents>,
    /// Notified of every record.
    grown: Condvar,
}

#[derive(Default)]
pub(super) struct Contents {
    pub(super) coverage: Coverage,
    records: Vec<Record>,
    /// The number of all records so far, forgotten ones included.
    recorded: u64,
    /// The futures that wait.
    subscribers: Vec<Arc<WakerSlot>>,
}

impl EventLog {
    pub(super) fn contents(&self) -> MutexGuard<'_, Contents> {
        self.contents.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn add(&self, event: EventType, values: RecordedValues) {
        let mut contents = self.contents();
        let number = contents.recorded;
        contents.recorded += 1;
        contents.records.push(Record {
            number,
            event,
            values,
        });
        let subscribers = contents.subscribers.clone();
        drop(contents);
        self.grown.notify_all();
        for subscriber in subscribers {
            subscriber.wake();
        }
    }

    pub(super) fn records(&self) -> Vec<Record> {
        self.contents().records.clone()
    }

    /// Returns the records from number `*seen` on, and counts them as seen.
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
        let has_nothing_new = |contents: &mut Contents| contents.recorded <= seen;
        match deadline {
            None => drop(self.grown.wait_while(self.contents(), has_nothing_new)),
            Some(deadline) => {
                let left = deadline.saturating_duration_since(Instant::now());
                let (grown, contents) = (&self.grown, self.contents());
                drop(grown.wait_timeout_while(contents, left, has_nothing_new));
            }
        }
    }

    /// Forgets all records, or those of one event, and returns them.
    pub(super) fn take(&self, event: Option<EventType>) -> Vec<Record> {
        let records = &mut self.contents().records;
        let is_taken = |record: &mut Record| event.is_none_or(|event| record.event == event);
        records.extract_if(.., is_taken).collect()
    }

    /// Wakes the task of the subscription at every record.
    pub(super) fn subscribe(&self) -> Subscription<'_> {
        let slot = Arc::default();
        self.contents().subscribers.push(Arc::clone(&slot));
        Subscription { log: self, slot }
    }
}

/// A future that waits for records, until this is dropped.
pub(super) struct Subscription<'a> {
    log: &'a EventLog,
    slot: Arc<WakerSlot>,
}

impl Subscription<'_> {
    pub(super) fn slot(&self) -> &Arc<WakerSlot> {
        &self.slot
    }
}

impl Drop for Subscription<'_> {
    fn drop(&mut self) {
        self.log
            .contents()
            .subscribers
            .retain(|other| !Arc::ptr_eq(other, &self.slot));
        // A timeout may hold the slot a little longer.
        self.slot.clear();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::EventLog;

    #[test]
    fn a_subscription_ends_with_its_future() {
        let log = EventLog::default();
        let [first, second] = [(); 2].map(|()| log.subscribe());
        drop(first);
        let left = log.contents().subscribers.clone();
        assert!(
            left.iter()
                .map(Arc::as_ptr)
                .eq([Arc::as_ptr(second.slot())])
        );
    }
}
