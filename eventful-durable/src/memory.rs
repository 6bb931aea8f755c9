//! A store in memory: background work with retries and no persistence, and tests.

mod acknowledge;
mod change;
mod clock;
mod dead;
mod delivery;
mod lease;
mod log;
mod registration;
#[cfg(test)]
mod sabotage;
mod store;
mod tables;
mod transaction;
mod trim;

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::Timestamp;

use self::clock::Clock;
use self::tables::Tables;
use crate::store::{Bell, Logged, Place};

#[cfg(test)]
pub(crate) use self::sabotage::Sabotage;
pub use self::transaction::MemoryTransaction;

/// A store in memory. A clone is the same store.
///
/// It keeps what every store keeps, as long as the process lives. Its clock is tokio's: in a runtime whose time is
/// paused, the store's time is, too. [`move_clock`](Self::move_clock) moves it by hand.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
///
/// use eventful::durable::Memory;
/// use eventful::durable::store::Store;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let store = Memory::new();
/// let before = store.now().await?;
/// store.move_clock(Duration::from_secs(3600));
/// assert!(store.now().await? >= before + Duration::from_secs(3600));
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Memory {
    inner: Arc<Inner>,
}

struct Inner {
    tables: Mutex<Tables>,
    clock: Clock,
    bell: Bell,
    #[cfg(test)]
    sabotage: Sabotage,
}

impl Memory {
    /// Makes an empty store.
    #[must_use]
    pub fn new() -> Self {
        Self {
            inner: Arc::new(Inner {
                tables: Mutex::default(),
                clock: Clock::start(),
                bell: Bell::new(),
                #[cfg(test)]
                sabotage: Sabotage::default(),
            }),
        }
    }

    /// Begins a transaction.
    ///
    /// # Examples
    ///
    /// ```
    /// use eventful::durable::Memory;
    /// use eventful::durable::testing::Expect;
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
    /// OrderPlaced.publish(&mut transaction).await?;
    /// Expect::of(&store).published("order.placed", 0).await; // nobody sees it yet
    /// transaction.commit();
    /// Expect::of(&store).published("order.placed", 1).await;
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn begin(&self) -> MemoryTransaction {
        MemoryTransaction::new(self.clone())
    }

    /// Moves the store's clock by hand, and wakes the workers. Their own clocks, which bound leases and timeouts, stay.
    pub fn move_clock(&self, time: Duration) {
        self.inner.clock.advance(time);
        self.inner.bell.ring();
    }

    /// Takes over a part of another store's log.
    pub(crate) fn mirror(&self, events: &[Logged], through: Place) {
        self.step(|tables, now| tables.mirror(events, through, now));
    }

    /// Returns true if the place is in the log.
    pub(crate) fn has_place(&self, place: Place) -> bool {
        self.lock().has(place)
    }

    /// Follows another store's log, which has lost what was behind `last`.
    pub(crate) fn mirror_loss(&self, last: Place) {
        self.step(|tables, now| tables.mirror_loss(last, now));
    }

    /// One atomic step, with the instant of it.
    fn step<T>(&self, step: impl FnOnce(&mut Tables, Timestamp) -> T) -> T {
        let mut tables = self.lock();
        let now = self.inner.clock.now();
        step(&mut tables, now)
    }

    /// The tables. A panic in a step leaves what it had written, which only a fault of this crate can do.
    fn lock(&self) -> MutexGuard<'_, Tables> {
        self.inner
            .tables
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for Memory {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Memory {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Memory").finish_non_exhaustive()
    }
}
