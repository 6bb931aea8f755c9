//! Events on their way to a worker.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use super::{Failure, Place, Position, Slots};
use crate::Envelope;

/// The state of the log after [`Store::advance`](super::Store::advance).
///
/// # Examples
///
/// ```
/// use std::time::Duration;
///
/// use eventful::durable::store::{Advanced, Place, Store};
/// use eventful::durable::{Memory, Timestamp};
/// # use eventful::event;
/// # use serde::{Deserialize, Serialize};
///
/// # #[event(durable, name = "order.placed")]
/// # #[derive(Serialize, Deserialize)]
/// # struct OrderPlaced;
/// #
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let store = Memory::new();
/// let mut transaction = store.begin();
/// let tomorrow = Timestamp::now() + Duration::from_secs(24 * 60 * 60);
/// OrderPlaced.publish(&mut transaction).at(tomorrow).await?;
/// transaction.commit();
/// let Advanced { end, next_scheduled_in, .. } = store.advance().await?;
/// assert_eq!(end, Place::BEGINNING); // the event has no place yet
/// assert!(next_scheduled_in.is_some());
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Advanced {
    /// The place of the last event, or [`Place::BEGINNING`].
    pub end: Place,
    /// The time until the next scheduled event is due, if there is one. Zero if this step has left some over.
    pub next_scheduled_in: Option<Duration>,
    /// The instant of the step.
    pub now: Timestamp,
}

/// A bound of how much is read at once. The first event is read whatever its size.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit {
    /// The most events.
    pub events: usize,
    /// The most bytes of payload.
    pub bytes: usize,
}

/// The rest of a [`Limit`] while events are read. Stores use it.
///
/// # Examples
///
/// ```
/// use eventful::durable::store::{Budget, Limit};
///
/// let mut budget = Budget::new(Limit { events: 10, bytes: 100 });
/// assert!(budget.takes(1_000)); // the first event is read whatever its size
/// assert!(!budget.takes(1));
/// ```
#[derive(Clone, Debug)]
pub struct Budget {
    left: Limit,
    is_fresh: bool,
}

/// A part of the log to be read.
#[derive(Clone, Debug)]
pub struct Fetch {
    /// The place behind which it begins.
    pub after: Place,
    /// The slots to be read.
    pub slots: Slots,
    /// The names to be read. `None`: all.
    pub names: Option<BTreeSet<String>>,
    /// The bound of the events.
    pub limit: Limit,
}

/// A part of the log.
#[derive(Clone, Debug)]
pub struct Fetched {
    /// The events, in order.
    pub events: Vec<Logged>,
    /// The place up to which no event is missing. That of `after` if the log ends there.
    pub through: Place,
}

/// An event of the log.
#[derive(Clone, Debug)]
pub struct Logged {
    /// The place.
    pub place: Place,
    /// The event. Its payload is empty if it was erased.
    pub envelope: Arc<Envelope>,
}

/// The retries that may run.
///
/// # Examples
///
/// ```
/// use eventful::durable::store::{Due, DueRetry};
///
/// /// The retries that the handler has not seen yet, because only their key was shut.
/// fn untried(due: &Due) -> Vec<&DueRetry> {
///     due.rows.iter().filter(|row| row.attempts == 0).collect()
/// }
/// assert!(untried(&Due::default()).is_empty());
/// ```
#[derive(Clone, Debug, Default)]
pub struct Due {
    /// The rows, in the order of their positions.
    pub rows: Vec<DueRetry>,
    /// The number of all retries of the partition, due or not.
    pub outstanding: usize,
    /// The least time until a row becomes due that shuts its key, if there is one. Zero if the limit has left some
    /// over.
    pub next_in: Option<Duration>,
}

/// A retry that may run.
#[derive(Clone, Debug)]
pub struct DueRetry {
    /// The position of the event.
    pub position: Position,
    /// The event: of the log, or of the dead letter if the log has it no longer.
    pub envelope: Arc<Envelope>,
    /// The number of attempts that were made.
    pub attempts: u32,
    /// The time since the row was first written with an attempt.
    pub tried_for: Duration,
    /// The attempts that failed, as far as they are kept.
    pub failures: Vec<Failure>,
}

impl Budget {
    /// Makes a budget of this much.
    #[must_use]
    pub fn new(limit: Limit) -> Self {
        Self {
            left: limit,
            is_fresh: true,
        }
    }

    /// Takes an event with a payload of `size` bytes, if there is room for it. The first one always has room.
    pub fn takes(&mut self, size: usize) -> bool {
        let fits = self.is_fresh || (self.left.events > 0 && self.left.bytes >= size);
        if fits {
            self.is_fresh = false;
            self.left.events = self.left.events.saturating_sub(1);
            self.left.bytes = self.left.bytes.saturating_sub(size);
        }
        fits
    }
}

impl Logged {
    /// Returns true if the payload was erased, so that no handler may see the event.
    ///
    /// # Examples
    ///
    /// ```
    /// use eventful::durable::Memory;
    /// use eventful::durable::store::{Fetch, Limit, Place, Slots, Store};
    /// use eventful::event;
    /// # use serde::{Deserialize, Serialize};
    ///
    /// #[event(durable, name = "customer.moved", key = customer_id)]
    /// #[derive(Serialize, Deserialize)]
    /// struct CustomerMoved {
    ///     customer_id: u64,
    ///     address: String,
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let store = Memory::new();
    /// let mut transaction = store.begin();
    /// CustomerMoved { customer_id: 7, address: "Example Road 1".to_owned() }.publish(&mut transaction).await?;
    /// transaction.commit();
    /// assert_eq!(store.erase("7").await?, 1);
    ///
    /// let limit = Limit { events: 10, bytes: 1 << 20 };
    /// let fetch = Fetch { after: Place::BEGINNING, slots: Slots::ALL, names: None, limit };
    /// assert!(store.fetch(&fetch).await?.events[0].is_erased());
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn is_erased(&self) -> bool {
        self.envelope.payload.is_empty()
    }
}
