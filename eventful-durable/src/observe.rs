//! The acts of a worker, for observers, logs and metrics.

mod log;
#[cfg(feature = "metrics")]
mod metrics;

use std::time::Duration;

use uuid::Uuid;

use crate::store::{Needs, Partition, Place, StoreError};

pub(crate) use self::log::log;
#[cfg(feature = "metrics")]
pub use self::metrics::DurableMetrics;

/// Somebody who is told what a worker does. It is called between two steps of the worker, so it must be short. If it
/// panics, the log has a line about it, and the worker goes on.
///
/// # Examples
///
/// ```standalone_crate
/// use std::sync::atomic::{AtomicU32, Ordering};
///
/// use eventful::durable::observe::{DurableObserver, InHand, Notice};
/// use eventful::durable::{HandlerError, Memory, Worker};
/// use eventful::{Bus, event, handler};
/// # use serde::{Deserialize, Serialize};
///
/// static CALLS: AtomicU32 = AtomicU32::new(0);
///
/// /// Calls somebody for each dead letter.
/// struct Pager;
///
/// impl DurableObserver for Pager {
///     fn noticed(&self, notice: &Notice<'_>) {
///         if let Notice::Died { event: InHand { subscription, name, .. }, error, .. } = notice {
///             println!("{subscription} has given up an event {name}: {error}");
///             CALLS.fetch_add(1, Ordering::Relaxed);
///         }
///     }
/// }
///
/// # #[event(durable, name = "order.placed")]
/// # #[derive(Serialize, Deserialize)]
/// # struct OrderPlaced;
/// #
/// #[handler(OrderPlaced, id = "billing.invoice")]
/// fn invoice(_: &OrderPlaced) -> Result<(), HandlerError> {
///     Err(HandlerError::permanent("the customer has no address"))
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let store = Memory::new();
/// let bus = Bus::isolated().with(invoice).build()?;
/// let worker = Worker::builder(&bus, store.clone()).observe(Pager).build().await?;
/// let mut transaction = store.begin();
/// OrderPlaced.publish(&mut transaction).await?;
/// transaction.commit();
/// worker.run_until_idle().await?;
/// assert_eq!(CALLS.load(Ordering::Relaxed), 1);
/// # Ok(())
/// # }
/// ```
pub trait DurableObserver: Send + Sync + 'static {
    /// Something has happened.
    fn noticed(&self, notice: &Notice<'_>);
}

/// An event in the hands of a subscription.
#[derive(Clone, Copy, Debug)]
pub struct InHand<'a> {
    /// The id of the subscription.
    pub subscription: &'a str,
    /// The name of the event.
    pub name: &'a str,
    /// The id of the event.
    pub event: Uuid,
    /// The number of attempts that were made, this one included.
    pub attempts: u32,
}

/// Something that has happened in a worker.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Notice<'a> {
    /// An event was handled.
    Handled {
        /// The event.
        event: InHand<'a>,
        /// The time that the handler took.
        took: Duration,
    },
    /// An attempt has failed, and another one follows.
    Retried {
        /// The event.
        event: InHand<'a>,
        /// The pause before the next attempt.
        pause: Duration,
        /// The error, with its sources.
        error: &'a str,
    },
    /// An event was given up.
    Died {
        /// The event.
        event: InHand<'a>,
        /// The reason.
        reason: &'a str,
        /// The last error, with its sources.
        error: &'a str,
    },
    /// An event waits for a worker that knows it.
    Parked {
        /// The event.
        event: InHand<'a>,
        /// The knowledge that the worker lacks.
        needs: &'a Needs,
    },
    /// A transactional handler has held its transaction for long.
    SlowTransaction {
        /// The event.
        event: InHand<'a>,
        /// The time for which the transaction was open.
        took: Duration,
    },
    /// The lease of a partition was taken.
    LeaseTaken {
        /// The partition.
        partition: &'a Partition,
    },
    /// The lease of a partition was lost: what it was doing may be done again by another worker.
    LeaseLost {
        /// The partition.
        partition: &'a Partition,
    },
    /// The lease of a partition was given to a worker that knows more.
    HandedOver {
        /// The partition.
        partition: &'a Partition,
        /// The knowledge that the other worker has.
        needs: &'a Needs,
    },
    /// The worker that held the partition before has died, or was cut off.
    CrashFound {
        /// The partition.
        partition: &'a Partition,
        /// The number of events that were running then, as far as it is known.
        suspects: usize,
    },
    /// The place of the cursor was gone, after a failover to a copy that lagged.
    SetBack {
        /// The partition.
        partition: &'a Partition,
        /// The place that is gone.
        from: Place,
        /// The place at which it goes on.
        to: Place,
    },
    /// So many retries are outstanding that the cursor stands still.
    FailingBegan {
        /// The partition.
        partition: &'a Partition,
        /// The number of retries.
        retries: usize,
    },
    /// The cursor moves again.
    FailingEnded {
        /// The partition.
        partition: &'a Partition,
    },
    /// A handler has an id that a newer program has renamed, so this program runs nothing of it.
    Older {
        /// The id of the handler.
        subscription: &'a str,
        /// The id that the subscription has now.
        renamed_to: &'a str,
    },
    /// A subscription of the store is known to no worker that is there.
    Unclaimed {
        /// The id of the subscription.
        subscription: &'a str,
    },
    /// Old events cannot be trimmed, because a partition still needs them.
    TrimHeld {
        /// The partition.
        partition: &'a Partition,
    },
    /// The store has failed in a step. The worker tries again.
    StoreFailed {
        /// The step.
        step: &'a str,
        /// The error.
        error: &'a StoreError,
    },
}
