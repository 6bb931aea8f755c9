//! The failures that a worker tells of.

use std::error::Error as _;
use std::sync::{Arc, Mutex};

use eventful::durable::observe::{DurableObserver, Notice};

#[derive(Clone, Default)]
pub(crate) struct Notices(Arc<Mutex<Vec<String>>>);

impl Notices {
    /// The texts of the store's failures.
    pub(crate) fn failures(&self) -> Vec<String> {
        let failures = self.0.lock();
        failures.expect("nobody panics with it").clone()
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
