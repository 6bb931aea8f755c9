//! A memory as a store.

use std::any::TypeId;
use std::time::Duration;

use jiff::Timestamp;

use super::transaction::HandlerTransaction;
use super::{Memory, MemoryTransaction};
use crate::store::{
    Acknowledgement, Acquire, Advanced, Announcement, Bell, Change, Company, DeadFilter,
    DeadLetter, Due, Facts, Fetch, Fetched, Held, Lease, Limit, Partition, Position, Registered,
    Registration, Store, StoreError, StoreResult, StoreTransaction, SubscriptionState, Trimmed,
    Verdict,
};
use crate::{Append, AppendError, BoxFuture, Lends};

/// The most transactions at once. They wait for nobody, so the bound is as wide as a worker's.
const TRANSACTIONS: usize = 64;

impl Memory {
    /// A step that cannot fail, when it is polled.
    fn does<'a, T: Send + 'a>(
        &'a self,
        step: impl FnOnce(&mut super::Tables, Timestamp) -> T + Send + 'a,
    ) -> StoreResult<'a, T> {
        Box::pin(async move { Ok(self.step(step)) })
    }

    /// A step after which there may be something to do.
    fn does_and_rings<'a, T: Send + 'a>(
        &'a self,
        step: impl FnOnce(&mut super::Tables, Timestamp) -> Result<T, StoreError> + Send + 'a,
    ) -> StoreResult<'a, T> {
        Box::pin(async move {
            let result = self.step(step);
            self.inner.bell.ring();
            result
        })
    }
}

impl Store for Memory {
    fn facts(&self) -> Facts {
        Facts {
            lends: Some(Lends {
                type_id: TypeId::of::<MemoryTransaction>(),
                type_name: std::any::type_name::<MemoryTransaction>(),
            }),
            transactions: TRANSACTIONS,
        }
    }

    fn bell(&self) -> &Bell {
        &self.inner.bell
    }

    fn now(&self) -> StoreResult<'_, Timestamp> {
        self.does(|_, now| now)
    }

    fn append(&self, append: Append) -> BoxFuture<'_, Result<(), AppendError>> {
        Box::pin(async move {
            self.step(|tables, now| tables.append(append, now));
            self.inner.bell.ring();
            Ok(())
        })
    }

    fn register<'a>(&'a self, registration: &'a Registration) -> StoreResult<'a, Registered> {
        self.does(|tables, now| tables.register(registration, now))
    }

    fn announce<'a>(
        &'a self,
        worker: &'a Announcement,
        ttl: Duration,
    ) -> StoreResult<'a, Vec<Announcement>> {
        self.does(move |tables, now| tables.announce(worker, ttl, now))
    }

    fn acquire<'a>(&'a self, acquire: &'a Acquire) -> StoreResult<'a, Option<Lease>> {
        self.does(|tables, now| tables.acquire(acquire, now))
    }

    fn renew<'a>(&'a self, held: &'a [Held], ttl: Duration) -> StoreResult<'a, Vec<Held>> {
        self.does(move |tables, now| tables.renew(held, ttl, now))
    }

    fn release<'a>(&'a self, held: &'a [Held]) -> StoreResult<'a, ()> {
        self.does_and_rings(|tables, _| {
            tables.release(held);
            Ok(())
        })
    }

    fn advance(&self) -> StoreResult<'_, Advanced> {
        self.does(super::Tables::advance)
    }

    fn fetch<'a>(&'a self, fetch: &'a Fetch) -> StoreResult<'a, Fetched> {
        self.does(|tables, _| tables.fetch(fetch))
    }

    fn due<'a>(&'a self, partition: &'a Partition, limit: Limit) -> StoreResult<'a, Due> {
        self.does(move |tables, now| tables.due(partition, limit, now))
    }

    fn note<'a>(
        &'a self,
        held: &'a Held,
        positions: &'a [Position],
        company: Company,
    ) -> StoreResult<'a, Verdict> {
        self.does(move |tables, _| tables.note(held, positions, company))
    }

    fn acknowledge<'a>(&'a self, acknowledgement: &'a Acknowledgement) -> StoreResult<'a, Verdict> {
        Box::pin(async move {
            let verdict = self.step(|tables, now| {
                #[cfg(test)]
                if self.has(super::Sabotage::NoToken) {
                    return tables.acknowledge_as_it_is(acknowledgement, now);
                }
                tables.acknowledge(acknowledgement, now)
            });
            if !acknowledgement.append.is_empty() {
                self.inner.bell.ring();
            }
            Ok(verdict)
        })
    }

    fn begin<'a>(&'a self, held: &'a Held) -> StoreResult<'a, Box<dyn StoreTransaction>> {
        let transaction = HandlerTransaction::new(self.clone(), held.clone());
        let transaction: Box<dyn StoreTransaction> = Box::new(transaction);
        Box::pin(std::future::ready(Ok(transaction)))
    }

    fn subscriptions(&self) -> StoreResult<'_, Vec<SubscriptionState>> {
        self.does(|tables, now| tables.states(now))
    }

    fn change<'a>(&'a self, subscription: &'a str, change: &'a Change) -> StoreResult<'a, ()> {
        self.does_and_rings(move |tables, _| tables.change(subscription, change))
    }

    fn dead_letters<'a>(&'a self, filter: &'a DeadFilter) -> StoreResult<'a, Vec<DeadLetter>> {
        self.does(|tables, _| tables.dead_letters(filter))
    }

    fn retry_dead<'a>(&'a self, filter: &'a DeadFilter) -> StoreResult<'a, u64> {
        self.does_and_rings(|tables, now| Ok(tables.retry_dead(filter, now)))
    }

    fn discard_dead<'a>(&'a self, filter: &'a DeadFilter) -> StoreResult<'a, u64> {
        self.does_and_rings(|tables, _| Ok(tables.discard_dead(filter)))
    }

    fn trim(&self, retention: Duration, limit: usize) -> StoreResult<'_, Trimmed> {
        self.does(move |tables, now| {
            #[cfg(test)]
            if self.has(super::Sabotage::TrimBelowRetries) {
                return tables.trim_below(|row| row.cursor.position, retention, limit, now);
            }
            tables.trim(retention, limit, now)
        })
    }

    fn erase<'a>(&'a self, key: &'a str) -> StoreResult<'a, u64> {
        self.does(|tables, _| tables.erase(key))
    }
}
