//! The subscriptions that each process has for itself: their cursors, retries and leases are in memory.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use crate::store::{
    Acknowledgement, Acquire, Advanced, Announcement, Bell, Change, Company, DeadFilter,
    DeadLetter, Due, Facts, Fetch, Fetched, Held, Lease, Limit, Partition, Place, Position,
    Registered, Registration, Store, StoreError, StoreResult, StoreTransaction, SubscriptionState,
    Trimmed, Verdict,
};
use crate::{Append, AppendError, BoxFuture, Memory};

/// A store whose log is another's, and whose subscriptions are in memory.
pub(super) struct Local {
    store: Arc<dyn Store>,
    memory: Memory,
}

impl Local {
    /// Begins at the end of the log.
    pub(super) fn from(store: Arc<dyn Store>, end: Place) -> Self {
        let memory = Memory::new();
        memory.mirror(&[], end);
        Self { store, memory }
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
        self.memory.acquire(acquire)
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
