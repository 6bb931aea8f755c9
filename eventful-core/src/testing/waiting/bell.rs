//! What wakes a future that waits.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::Waker;

use crate::testing::journal::Journal;

/// Wakes the task that polled last, once.
#[derive(Default)]
pub(in crate::testing) struct Bell(Mutex<Option<Waker>>);

impl Bell {
    pub(in crate::testing) fn ring(&self) {
        if let Some(waker) = self.put(None) {
            waker.wake();
        }
    }

    /// Wakes this task from now on.
    pub(super) fn wake(&self, waker: &Waker) {
        drop(self.put(Some(waker.clone())));
    }

    /// A waker is a runtime's code: it is woken and dropped by the callers, without the lock.
    fn put(&self, waker: Option<Waker>) -> Option<Waker> {
        let mut place = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::replace(&mut *place, waker)
    }
}

impl fmt::Debug for Bell {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Bell")
    }
}

/// A bell that every record rings, until this is dropped.
pub(super) struct Listening<'a> {
    journal: &'a Journal,
    bell: Arc<Bell>,
}

impl<'a> Listening<'a> {
    pub(super) fn to(journal: &'a Journal) -> Self {
        let bell = Arc::default();
        journal.add_bell(&bell);
        Self { journal, bell }
    }

    pub(super) fn bell(&self) -> &Arc<Bell> {
        &self.bell
    }
}

impl Drop for Listening<'_> {
    fn drop(&mut self) {
        self.journal.remove_bell(&self.bell);
        // An alarm may have the bell a little longer.
        drop(self.bell.put(None));
    }
}
