//! The attempts that a stop did not wait for.

use std::error::Error;
use std::fmt;
use std::time::Duration;

use crate::store::Partition;

/// Handlers that were still running when the limit of a stop was over.
#[derive(Debug)]
pub struct StillRunning {
    partitions: Vec<Partition>,
    limit: Duration,
}

impl StillRunning {
    pub(super) fn new(partitions: Vec<Partition>, limit: Duration) -> Self {
        Self { partitions, limit }
    }

    /// Returns the partitions whose handlers were dropped.
    #[must_use]
    pub fn partitions(&self) -> &[Partition] {
        &self.partitions
    }
}

impl fmt::Display for StillRunning {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let partitions: Vec<_> = self.partitions.iter().map(ToString::to_string).collect();
        write!(
            formatter,
            "handlers were still running after {:?}, and were dropped: {}",
            self.limit,
            partitions.join(", ")
        )
    }
}

impl Error for StillRunning {}
