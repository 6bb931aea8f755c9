//! The failures that a worker tells of.

use std::error::Error as _;
use std::sync::{Arc, Mutex};

use eventful::durable::observe::{DurableObserver, Notice};

#[derive(Clone, Debug, Default)]
pub(crate) struct Notices(Arc<Mutex<Vec<String>>>);

impl Notices {
    /// Returns true if the store has failed with this text in the error.
    pub(crate) fn has(&self, text: &str) -> bool {
        let failures = self.0.lock().expect("nobody panics with it");
        failures.iter().any(|failure| failure.contains(text))
    }
}

impl DurableObserver for Notices {
    fn noticed(&self, notice: &Notice<'_>) {
        if let Notice::StoreFailed { step, error } = notice {
            let text = match error.source() {
                Some(source) => format!("{step}: {error}: {source}"),
                None => format!("{step}: {error}"),
            };
            let mut failures = self.0.lock().expect("nobody panics with it");
            if !failures.contains(&text) {
                failures.push(text);
            }
        }
    }
}
