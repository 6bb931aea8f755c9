//! A file of SQLite as a store.

use std::any::TypeId;
use std::time::Duration;

use eventful_durable::store::{
    Acknowledgement, Acquire, Advanced, Announcement, Bell, Change, Company, DeadFilter,
    DeadLetter, Due, Facts, Fetch, Fetched, Held, Lease, Limit, Partition, Position, Registered,
    Registration, Store, StoreResult, StoreTransaction, SubscriptionState, Trimmed, Verdict,
};
use eventful_durable::{Append, AppendError, BoxFuture, Lends, Timestamp};
use sqlx::SqliteConnection;

use super::appends::not_appended;
use super::columns::now;
use super::step::step;
use super::transaction::HandlerTransaction;
use super::{
    Sqlite, acknowledge, append, change, dead, delivery, file, lease, migration, registration,
    state, trim,
};
use crate::failure::Outcome;

impl Store for Sqlite {
    fn facts(&self) -> Facts {
        Facts {
            lends: Some(Lends {
                type_id: TypeId::of::<SqliteConnection>(),
                type_name: std::any::type_name::<SqliteConnection>(),
            }),
            // There is one write lock.
            transactions: 1,
        }
    }

    fn bell(&self) -> &Bell {
        &self.inner.bell
    }

    fn now(&self) -> StoreResult<'_, Timestamp> {
        Box::pin(std::future::ready(Ok(now())))
    }

    fn append(&self, event: Append) -> BoxFuture<'_, Result<(), AppendError>> {
        Box::pin(async move {
            let appended: Outcome<()> = async {
                let mut write = self.inner.write_safely().await?;
                append::append(write.connection(), &event, now()).await?;
                write.commit().await
            }
            .await;
            appended.map_err(|failure| not_appended(&event.envelope.name, failure))?;
            self.inner.bell.ring();
            Ok(())
        })
    }

    fn register<'a>(&'a self, registration: &'a Registration) -> StoreResult<'a, Registered> {
        step("register the subscriptions", async move {
            self.open().await?;
            let mut write = self.inner.write_safely().await?;
            let registered =
                registration::register(write.connection(), registration, now()).await?;
            write.commit().await?;
            Ok(registered)
        })
    }

    fn announce<'a>(
        &'a self,
        worker: &'a Announcement,
        ttl: Duration,
    ) -> StoreResult<'a, Vec<Announcement>> {
        step("announce the worker", async move {
            let mut write = self.inner.write_quickly().await?;
            let others = registration::announce(write.connection(), worker, ttl, now()).await?;
            write.commit().await?;
            Ok(others)
        })
    }

    fn acquire<'a>(&'a self, acquire: &'a Acquire) -> StoreResult<'a, Option<Lease>> {
        step("take a lease", async move {
            // Most leases are held by somebody: it looks before it locks.
            let mut reader = self.inner.reader().await?;
            let found = lease::find_free(&mut reader, &acquire.partition, now()).await?;
            drop(reader);
            if found.is_none() {
                return Ok(None);
            }
            let mut write = self.inner.write_safely().await?;
            let now = now();
            let Some(free) = lease::find_free(write.connection(), &acquire.partition, now).await?
            else {
                return Ok(None);
            };
            let lease = lease::take(write.connection(), acquire, free, now).await?;
            write.commit().await?;
            Ok(Some(lease))
        })
    }

    fn renew<'a>(&'a self, held: &'a [Held], ttl: Duration) -> StoreResult<'a, Vec<Held>> {
        step("renew leases", async move {
            let mut write = self.inner.write_quickly().await?;
            let renewed = lease::renew(write.connection(), held, ttl, now()).await?;
            write.commit().await?;
            Ok(renewed)
        })
    }

    fn release<'a>(&'a self, held: &'a [Held]) -> StoreResult<'a, ()> {
        step("release leases", async move {
            let mut write = self.inner.write_safely().await?;
            lease::release(write.connection(), held).await?;
            write.commit().await?;
            self.inner.bell.ring();
            Ok(())
        })
    }

    fn advance(&self) -> StoreResult<'_, Advanced> {
        step("look at the log", async move {
            self.inner.watch.start(&self.inner.readers);
            if let Some(file) = self.inner.file.get() {
                file.require_unchanged()?;
            }
            let now = now();
            let mut reader = self.inner.reader().await?;
            let seen = delivery::look(&mut reader, now).await?;
            drop(reader);
            if seen.next_scheduled_in != Some(Duration::ZERO) {
                return Ok(seen);
            }
            let mut write = self.inner.write_safely().await?;
            delivery::append_due(write.connection(), now).await?;
            let seen = delivery::look(write.connection(), now).await?;
            write.commit().await?;
            Ok(seen)
        })
    }

    fn fetch<'a>(&'a self, fetch: &'a Fetch) -> StoreResult<'a, Fetched> {
        step("read the log", async move {
            let mut reader = self.inner.reader().await?;
            delivery::fetch(&mut reader, fetch).await
        })
    }

    fn due<'a>(&'a self, partition: &'a Partition, limit: Limit) -> StoreResult<'a, Due> {
        step("read the retries", async move {
            let mut reader = self.inner.reader().await?;
            delivery::due(&mut reader, partition, limit, now()).await
        })
    }

    fn note<'a>(
        &'a self,
        held: &'a Held,
        positions: &'a [Position],
        company: Company,
    ) -> StoreResult<'a, Verdict> {
        step("note events before they run", async move {
            let mut write = self.inner.write_safely().await?;
            let verdict = lease::note(write.connection(), held, positions, company).await?;
            write.commit().await?;
            Ok(verdict)
        })
    }

    fn acknowledge<'a>(&'a self, acknowledgement: &'a Acknowledgement) -> StoreResult<'a, Verdict> {
        step("acknowledge", async move {
            // A power cut may take an acknowledgement back, but no event that a handler returned, and no dead letter.
            let is_more = !acknowledgement.dead.is_empty() || !acknowledgement.append.is_empty();
            let mut write = if is_more {
                self.inner.write_safely().await?
            } else {
                self.inner.write_quickly().await?
            };
            let verdict =
                acknowledge::acknowledge(write.connection(), acknowledgement, now()).await?;
            write.commit().await?;
            if !acknowledgement.append.is_empty() {
                self.inner.bell.ring();
            }
            Ok(verdict)
        })
    }

    fn begin<'a>(&'a self, held: &'a Held) -> StoreResult<'a, Box<dyn StoreTransaction>> {
        step("begin the transaction of a handler", async move {
            let transaction = HandlerTransaction::begin(self.inner.clone(), held.clone()).await?;
            Ok(Box::new(transaction) as Box<dyn StoreTransaction>)
        })
    }

    fn subscriptions(&self) -> StoreResult<'_, Vec<SubscriptionState>> {
        step("read the subscriptions", async move {
            let mut reader = self.inner.reader().await?;
            // One transaction, so that all is of one instant.
            let mut transaction = sqlx::Connection::begin(&mut *reader).await?;
            let states = state::subscriptions(&mut transaction, now()).await?;
            transaction.commit().await?;
            Ok(states)
        })
    }

    fn change<'a>(&'a self, subscription: &'a str, change: &'a Change) -> StoreResult<'a, ()> {
        step("change the subscription", async move {
            let mut write = self.inner.write_safely().await?;
            change::change(write.connection(), subscription, change).await?;
            write.commit().await?;
            self.inner.bell.ring();
            Ok(())
        })
    }

    fn dead_letters<'a>(&'a self, filter: &'a DeadFilter) -> StoreResult<'a, Vec<DeadLetter>> {
        step("read the dead letters", async move {
            let mut reader = self.inner.reader().await?;
            dead::dead_letters(&mut reader, filter).await
        })
    }

    fn retry_dead<'a>(&'a self, filter: &'a DeadFilter) -> StoreResult<'a, u64> {
        step("retry dead letters", async move {
            let mut write = self.inner.write_safely().await?;
            let retried = dead::retry(write.connection(), filter, now()).await?;
            write.commit().await?;
            self.inner.bell.ring();
            Ok(retried)
        })
    }

    fn discard_dead<'a>(&'a self, filter: &'a DeadFilter) -> StoreResult<'a, u64> {
        step("discard dead letters", async move {
            let mut write = self.inner.write_safely().await?;
            let discarded = dead::discard(write.connection(), filter).await?;
            write.commit().await?;
            self.inner.bell.ring();
            Ok(discarded)
        })
    }

    fn trim(&self, retention: Duration, limit: usize) -> StoreResult<'_, Trimmed> {
        step("trim the log", async move {
            let mut write = self.inner.write_quickly().await?;
            let trimmed = trim::trim(write.connection(), retention, limit, now()).await?;
            write.commit().await?;
            Ok(trimmed)
        })
    }

    fn erase<'a>(&'a self, key: &'a str) -> StoreResult<'a, u64> {
        step("erase the events of a key", async move {
            let mut reader = self.inner.reader().await?;
            let through = registration::end(&mut reader).await?;
            let known = trim::positions_of(&mut reader, key, through).await?;
            drop(reader);
            let mut write = self.inner.write_safely().await?;
            let erased = trim::erase(write.connection(), key, &known, through).await?;
            write.commit().await?;
            Ok(erased)
        })
    }
}

impl Sqlite {
    /// Checks the file and its tables, once when a program begins to use them.
    async fn open(&self) -> Outcome<()> {
        let mut connection = self.inner.safe.acquire().await?;
        file::require_local(&mut connection).await?;
        migration::require(&mut connection).await?;
        file::require_wal(&mut connection).await?;
        if self.inner.file.get().is_none() {
            file::warn_of_an_old_library(&mut connection).await?;
            let file = file::Identity::of(&mut connection).await?;
            self.inner.file.get_or_init(|| file);
        }
        Ok(())
    }
}
