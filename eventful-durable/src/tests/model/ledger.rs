//! The acts of handlers, in the order in which they did them.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};

use uuid::Uuid;

use crate::observe::{DurableObserver, Notice};

/// The book of all processes.
#[derive(Clone, Default)]
pub(super) struct Ledger(Arc<Mutex<Book>>);

#[derive(Default)]
pub(super) struct Book {
    /// Lines of each subscription.
    pub(super) lines: BTreeMap<&'static str, Vec<Line>>,
    /// The events whose handler runs: by subscription, key and process.
    running: BTreeMap<(&'static str, String, u32), Uuid>,
    /// Two events of one key that ran at once in a process.
    pub(super) collision: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Line {
    Started(Uuid),
    Succeeded(Uuid),
    /// It was given up.
    Died(Uuid),
}

/// A handler that runs, until it is dropped.
pub(super) struct Running {
    ledger: Ledger,
    place: (&'static str, String, u32),
}

impl Ledger {
    pub(super) fn book(&self) -> MutexGuard<'_, Book> {
        self.0.lock().expect("no panic")
    }

    pub(super) fn write(&self, subscription: &'static str, line: Line) {
        let mut book = self.book();
        book.lines.entry(subscription).or_default().push(line);
    }

    pub(super) fn start(
        &self,
        subscription: &'static str,
        event: Uuid,
        key: Option<&str>,
        process: u32,
    ) -> Running {
        self.write(subscription, Line::Started(event));
        let key = key.map_or_else(|| event.to_string(), str::to_owned);
        let place = (subscription, key, process);
        let mut book = self.book();
        if let Some(other) = book.running.insert(place.clone(), event) {
            book.collision = Some(format!("{other} and {event} run at once in {place:?}"));
        }
        drop(book);
        Running {
            ledger: self.clone(),
            place,
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.ledger.book().running.remove(&self.place);
    }
}

impl DurableObserver for Ledger {
    fn noticed(&self, notice: &Notice<'_>) {
        if let Notice::Died { event, .. } = notice {
            let label = super::world::label_of(event.subscription);
            self.write(label, Line::Died(event.event));
        }
    }
}
