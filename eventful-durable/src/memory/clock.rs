//! The clock of a store in memory.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use jiff::Timestamp;
use tokio::time::Instant;

/// A clock that follows tokio's time, and can be moved by hand.
pub(super) struct Clock {
    began: Timestamp,
    began_at: Instant,
    moved_nanos: AtomicU64,
}

impl Clock {
    pub(super) fn start() -> Self {
        Self {
            began: Timestamp::now(),
            began_at: Instant::now(),
            moved_nanos: AtomicU64::new(0),
        }
    }

    pub(super) fn now(&self) -> Timestamp {
        let moved = Duration::from_nanos(self.moved_nanos.load(Ordering::Relaxed));
        later(self.began, self.began_at.elapsed().saturating_add(moved))
    }

    pub(super) fn advance(&self, time: Duration) {
        let nanos = u64::try_from(time.as_nanos()).unwrap_or(u64::MAX);
        self.moved_nanos.fetch_add(nanos, Ordering::Relaxed);
    }
}

/// Returns the instant `time` after `now`, or the last one that there is.
pub(super) fn later(now: Timestamp, time: Duration) -> Timestamp {
    now.saturating_add(time).unwrap_or(Timestamp::MAX)
}

/// Returns the instant `time` before `now`, or the first one that there is.
pub(super) fn earlier(now: Timestamp, time: Duration) -> Timestamp {
    now.saturating_sub(time).unwrap_or(Timestamp::MIN)
}

/// Returns the time from `now` until `then`: zero if that is past.
pub(super) fn until(now: Timestamp, then: Timestamp) -> Duration {
    then.duration_since(now).try_into().unwrap_or_default()
}
