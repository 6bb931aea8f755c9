//! The waker of a future that waits.

use std::sync::{Mutex, PoisonError};
use std::task::Waker;

/// The waker of the last poll. It is woken once.
#[derive(Default)]
pub(super) struct WakerSlot(Mutex<Option<Waker>>);

impl WakerSlot {
    /// Wakes the task, if there is one.
    pub(super) fn wake(&self) {
        if let Some(waker) = self.replace(None) {
            waker.wake();
        }
    }

    /// Wakes this task from now on.
    pub(super) fn set(&self, waker: &Waker) {
        drop(self.replace(Some(waker.clone())));
    }

    pub(super) fn clear(&self) {
        drop(self.replace(None));
    }

    /// A waker is a runtime's code: the callers wake and drop it without the lock.
    fn replace(&self, waker: Option<Waker>) -> Option<Waker> {
        let mut slot = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::replace(&mut *slot, waker)
    }
}
