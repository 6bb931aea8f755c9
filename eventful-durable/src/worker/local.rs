//! The subscriptions that each process has for itself: their cursors, retries and leases are in memory.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::Timestamp;

use crate::store::{
    Acknowledgement, Acquire, Advanced, Announcement, Bell, Change, Company, DeadFilter,
    DeadLetter, Due, Facts, Fetch, Fetched, Held, Lease, Limit, Partition, Place, Position,
    Registered, Registration, Slots, Store, StoreError, StoreResult, StoreTransaction,
    SubscriptionState, Trimmed, Verdict,
};
use crate::{Append, AppendError, BoxFuture, Memory};

/// A store whose log is another's, and whose subscriptions are in memory.
pub(super) struct Local {
    store: Arc<dyn Store>,
    memory: Memory,
    /// Places at which cursors have stood, the latest ones: after a failover of the store to a copy that lags, the last
    /// one that is still there is where they go back to.
    passed: Mutex<BTreeMap<Position, Place>>,
}

/// The most places that are kept.
const KEPT_PLACES: usize = 1_000;

impl Local {
    /// Begins at the end of the log.
    pub(super) fn from(store: Arc<dyn Store>, end: Place) -> Self {
        let memory = Memory::new();
        memory.mirror(&[], end);
        let local = Self {
            store,
            memory,
            passed: Mutex::default(),
        };
        local.pass(end);
        local
    }

    fn pass(&self, place: Place) {
        self.with_passed(|passed| {
            passed.insert(place.position, place);
            if passed.len() > KEPT_PLACES {
                passed.pop_first();
            }
        });
    }

    fn with_passed<T>(&self, does: impl FnOnce(&mut BTreeMap<Position, Place>) -> T) -> T {
        does(&mut self.passed.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Returns true if the log has lost the place of a cursor. The cursor is then set back when its lease is taken.
    async fn has_lost(&self, cursor: Place) -> Result<bool, StoreError> {
        if !self.memory.has_place(cursor) {
            // It was found when another cursor was looked at.
            return Ok(true);
        }
        if !self.is_lost(cursor).await? {
            return Ok(false);
        }
        let before = self.with_passed(|passed| {
            let before = passed.range(..cursor.position);
            before.map(|(_, place)| *place).collect::<Vec<_>>()
        });
        let mut last = Place::BEGINNING;
        for place in before.into_iter().rev() {
            if !self.is_lost(place).await? {
                last = place;
                break;
            }
        }
        self.with_passed(|passed| passed.retain(|position, _| *position <= last.position));
        self.memory.mirror_loss(last);
        Ok(true)
    }

    /// Returns true if the log has another event at the place, or ends before it. A place that was trimmed is not lost.
    async fn is_lost(&self, place: Place) -> Result<bool, StoreError> {
        if place == Place::BEGINNING {
            return Ok(false);
        }
        // Without a step, it need not be in the log.
        let before = Place {
            position: Position(place.position.0 - 1),
            step: 0,
        };
        if self.first_behind(before).await? == Some(place) {
            return Ok(false);
        }
        let first = self.first_behind(Place::BEGINNING).await?;
        Ok(first.is_none_or(|first| first.position <= place.position))
    }

    async fn first_behind(&self, place: Place) -> Result<Option<Place>, StoreError> {
        let fetch = Fetch {
            after: place,
            slots: Slots::ALL,
            names: None,
            limit: Limit {
                events: 1,
                bytes: 0,
            },
        };
        let fetched = self.store.fetch(&fetch).await?;
        Ok(fetched.events.first().map(|event| event.place))
    }

    async fn cursor_of(&self, partition: &Partition) -> Result<Option<Place>, StoreError> {
        let states = self.memory.subscriptions().await?;
        let partitions = states.iter().flat_map(|state| &state.partitions);
        let mut partitions = partitions.filter(|state| state.partition == *partition);
        Ok(partitions.next().map(|state| state.cursor))
    }
}

impl Store for Local {
    fn facts(&self) -> Facts {
        Facts {
            lends: None,
            transactions: 1,
        }
    }

    fn bell(&self) -> &Bell {
        self.store.bell()
    }

    fn now(&self) -> StoreResult<'_, Timestamp> {
        self.store.now()
    }

    fn append(&self, append: Append) -> BoxFuture<'_, Result<(), AppendError>> {
        self.store.append(append)
    }

    fn register<'a>(&'a self, registration: &'a Registration) -> StoreResult<'a, Registered> {
        self.memory.register(registration)
    }

    fn announce<'a>(
        &'a self,
        worker: &'a Announcement,
        ttl: Duration,
    ) -> StoreResult<'a, Vec<Announcement>> {
        self.memory.announce(worker, ttl)
    }

    fn acquire<'a>(&'a self, acquire: &'a Acquire) -> StoreResult<'a, Option<Lease>> {
        Box::pin(async move {
            if let Some(cursor) = self.cursor_of(&acquire.partition).await? {
                self.has_lost(cursor).await?;
            }
            self.memory.acquire(acquire).await
        })
    }

    fn renew<'a>(&'a self, held: &'a [Held], ttl: Duration) -> StoreResult<'a, Vec<Held>> {
        self.memory.renew(held, ttl)
    }

    fn release<'a>(&'a self, held: &'a [Held]) -> StoreResult<'a, ()> {
        self.memory.release(held)
    }

    fn advance(&self) -> StoreResult<'_, Advanced> {
        self.store.advance()
    }

    /// Reads the log of the store, and keeps a copy of what was read until it is acknowledged.
    fn fetch<'a>(&'a self, fetch: &'a Fetch) -> StoreResult<'a, Fetched> {
        Box::pin(async move {
            let fetched = self.store.fetch(fetch).await?;
            self.memory.mirror(&fetched.events, fetched.through);
            Ok(fetched)
        })
    }

    fn due<'a>(&'a self, partition: &'a Partition, limit: Limit) -> StoreResult<'a, Due> {
        self.memory.due(partition, limit)
    }

    fn note<'a>(
        &'a self,
        held: &'a Held,
        positions: &'a [Position],
        company: Company,
    ) -> StoreResult<'a, Verdict> {
        self.memory.note(held, positions, company)
    }

    /// A dead letter is only told of: nobody could retry it in another process.
    fn acknowledge<'a>(&'a self, acknowledgement: &'a Acknowledgement) -> StoreResult<'a, Verdict> {
        Box::pin(async move {
            if self.has_lost(acknowledgement.from).await? {
                return Ok(Verdict::Void);
            }
            let mut local = acknowledgement.clone();
            let dead = std::mem::take(&mut local.dead);
            local.done.extend(dead.iter().map(|dead| dead.position));
            for append in std::mem::take(&mut local.append) {
                self.store.append(append).await.map_err(|error| {
                    StoreError::failed("an event that was returned was not appended")
                        .caused_by(error)
                })?;
            }
            let verdict = self.memory.acknowledge(&local).await?;
            if verdict == Verdict::Accepted {
                self.pass(local.to);
            }
            self.memory.trim(Duration::ZERO, usize::MAX).await?;
            Ok(verdict)
        })
    }

    fn begin<'a>(&'a self, _: &'a Held) -> StoreResult<'a, Box<dyn StoreTransaction>> {
        let text = "a handler of `each = \"process\"` has no transaction";
        Box::pin(std::future::ready(Err(StoreError::refused(text))))
    }

    fn subscriptions(&self) -> StoreResult<'_, Vec<SubscriptionState>> {
        self.memory.subscriptions()
    }

    fn change<'a>(&'a self, subscription: &'a str, change: &'a Change) -> StoreResult<'a, ()> {
        self.memory.change(subscription, change)
    }

    fn dead_letters<'a>(&'a self, filter: &'a DeadFilter) -> StoreResult<'a, Vec<DeadLetter>> {
        self.memory.dead_letters(filter)
    }

    fn retry_dead<'a>(&'a self, filter: &'a DeadFilter) -> StoreResult<'a, u64> {
        self.memory.retry_dead(filter)
    }

    fn discard_dead<'a>(&'a self, filter: &'a DeadFilter) -> StoreResult<'a, u64> {
        self.memory.discard_dead(filter)
    }

    fn trim(&self, retention: Duration, limit: usize) -> StoreResult<'_, Trimmed> {
        self.memory.trim(retention, limit)
    }

    fn erase<'a>(&'a self, key: &'a str) -> StoreResult<'a, u64> {
        self.memory.erase(key)
    }
}
