//! The options of a worker, whatever it runs.

use std::time::Duration;

use crate::store::Limit;

/// The options of a worker.
#[derive(Clone, Debug)]
pub(super) struct Options {
    pub(super) label: String,
    /// The time for which a lease is taken.
    pub(super) lease: Duration,
    /// The pauses between two looks at the log: when busy, and when idle.
    pub(super) poll: (Duration, Duration),
    pub(super) batch: Limit,
    /// The time after which a slow event no longer holds up its batch.
    pub(super) deadline: Duration,
    /// The most retries of a partition with which the cursor still moves.
    pub(super) outstanding: usize,
    /// The time that handlers have to end when the worker stops.
    pub(super) stop_within: Duration,
    /// The time for which the log is kept.
    pub(super) retention: Duration,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            label: format!("process {}", std::process::id()),
            lease: Duration::from_secs(30),
            poll: (Duration::from_millis(5), Duration::from_millis(250)),
            batch: Limit {
                events: 100,
                bytes: 4 * 1024 * 1024,
            },
            deadline: Duration::from_secs(1),
            outstanding: 1_000,
            stop_within: Duration::from_secs(30),
            retention: Duration::from_secs(7 * 24 * 60 * 60),
        }
    }
}

impl Options {
    /// The pause between two looks for free partitions.
    pub(super) fn scan(&self) -> Duration {
        (self.lease / 30).clamp(Duration::from_millis(10), Duration::from_secs(1))
    }
}
