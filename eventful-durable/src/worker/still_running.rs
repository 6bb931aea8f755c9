//! The attempts that a stop did not wait for.

use std::error::Error;
use std::fmt;
use std::time::Duration;

use crate::store::Partition;

/// Handlers that were still running when the limit of a stop was over.
///
/// # Examples
///
/// ```standalone_crate
/// use std::time::Duration;
///
/// use eventful::durable::{Memory, StillRunning, Worker};
/// use eventful::{Bus, event, handler};
/// # use serde::{Deserialize, Serialize};
///
/// # #[event(durable, name = "order.placed")]
/// # #[derive(Serialize, Deserialize)]
/// # struct OrderPlaced;
/// #
/// #[handler(OrderPlaced, id = "mail.confirm")]
/// async fn confirm(_: &OrderPlaced) {
///     tokio::time::sleep(Duration::from_secs(30)).await;
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let store = Memory::new();
/// let bus = Bus::isolated().with(confirm).build()?;
/// let worker = Worker::builder(&bus, store.clone()).stop_within(Duration::ZERO).build().await?;
/// let mut transaction = store.begin();
/// OrderPlaced.publish(&mut transaction).await?;
/// transaction.commit();
///
/// let stopped = worker.run_until(tokio::time::sleep(Duration::from_millis(100))).await;
/// let still_running: StillRunning = stopped.unwrap_err();
/// assert_eq!(still_running.partitions()[0].subscription, "mail.confirm");
/// # Ok(())
/// # }
/// ```
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
