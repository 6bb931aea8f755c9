//! The time for which a lease holds, by the worker's own monotonic clock.

use std::sync::{Mutex, PoisonError};

use tokio::sync::watch;
use tokio::time::Instant;

/// A lease, as far as this worker can know: it may start handlers while it holds.
pub(super) struct Term {
    ends_at: Mutex<Instant>,
    is_lost: watch::Sender<bool>,
}

impl Term {
    /// `ends_at` is counted from before the store was asked, so it is never later than the store's end.
    pub(super) fn until(ends_at: Instant) -> Self {
        Self {
            ends_at: Mutex::new(ends_at),
            is_lost: watch::Sender::new(false),
        }
    }

    pub(super) fn extend(&self, ends_at: Instant) {
        *self.ends_at() = ends_at;
    }

    pub(super) fn lose(&self) {
        self.is_lost.send_replace(true);
    }

    pub(super) fn is_over(&self) -> bool {
        *self.is_lost.borrow() || Instant::now() >= *self.ends_at()
    }

    /// Waits until the lease is lost. It does not notice that the time is over: who starts a handler asks.
    pub(super) async fn lost(&self) {
        let mut is_lost = self.is_lost.subscribe();
        // The sender is this term's, which is borrowed.
        let _ = is_lost.wait_for(|is_lost| *is_lost).await;
    }

    fn ends_at(&self) -> std::sync::MutexGuard<'_, Instant> {
        self.ends_at.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
