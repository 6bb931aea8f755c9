//! A database of PostgreSQL as a store.

use std::any::TypeId;
use std::time::Duration;

use eventful_durable::store::{
    Acknowledgement, Acquire, Advanced, Announcement, Bell, Change, Company, DeadFilter,
    DeadLetter, Due, Facts, Fetch, Fetched, Held, Lease, Limit, Partition, Position, Registered,
    Registration, Store, StoreResult, StoreTransaction, SubscriptionState, Trimmed, Verdict,
};
use eventful_durable::{Append, AppendError, BoxFuture, Lends, Timestamp};
use sqlx::PgConnection;

use super::columns::instant;
use super::step::{advice, step};
use super::transaction::HandlerTransaction;
use super::{
    Postgres, acknowledge, append, change, dead, delivery, due, guard, lease, migration,
    registration, sequence, state, trim,
};
use crate::failure::Outcome;

impl Store for Postgres {
    fn facts(&self) -> Facts {
        let connections = self.inner.pool.options().get_max_connections();
        Facts {
            lends: Some(Lends {
                type_id: TypeId::of::<PgConnection>(),
                type_name: std::any::type_name::<PgConnection>(),
            }),
            // One is left for the program.
            transactions: usize::try_from(connections)
                .unwrap_or(usize::MAX)
                .saturating_sub(1),
        }
    }

    fn bell(&self) -> &Bell {
        &self.inner.bell
    }

    fn now(&self) -> StoreResult<'_, Timestamp> {
        step("read the clock", async move {
            let mut own = self.inner.quick().await?;
            let row = own
                .session()
                .fetch_one(sqlx::query("SELECT statement_timestamp()"))
                .await?;
            instant(&row, 0)
        })
    }

    fn append(&self, event: Append) -> BoxFuture<'_, Result<(), AppendError>> {
        Box::pin(async move {
            let appended: Outcome<()> = async {
                let mut write = self.inner.write().await?;
                append::append(&mut write.session(), &event).await?;
                write.commit().await
            }
            .await;
            appended.map_err(|failure| failure.of_append(&event.envelope.name, advice))?;
            self.inner.bell.ring();
            Ok(())
        })
    }

    fn register<'a>(&'a self, registration: &'a Registration) -> StoreResult<'a, Registered> {
        step("register the subscriptions", async move {
            self.open().await?;
            let mut write = self.inner.write().await?;
            let registered = registration::register(&mut write.session(), registration).await?;
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
            let mut own = self.inner.quick().await?;
            registration::announce(&mut own.session(), worker, ttl).await
        })
    }

    fn acquire<'a>(&'a self, acquire: &'a Acquire) -> StoreResult<'a, Option<Lease>> {
        step("take a lease", async move {
            let mut own = self.inner.safe().await?;
            // Most leases are held by somebody: it looks before it locks.
            if !lease::is_free(&mut own.session(), &acquire.partition).await? {
                return Ok(None);
            }
            lease::take(&mut own.session(), acquire).await
        })
    }

    fn renew<'a>(&'a self, held: &'a [Held], ttl: Duration) -> StoreResult<'a, Vec<Held>> {
        step("renew leases", async move {
            let mut own = self.inner.renewals().await?;
            lease::renew(&mut own.session(), held, ttl).await
        })
    }

    fn release<'a>(&'a self, held: &'a [Held]) -> StoreResult<'a, ()> {
        step("release leases", async move {
            let mut own = self.inner.safe().await?;
            lease::release(&mut own.session(), held).await?;
            self.inner.bell.ring();
            Ok(())
        })
    }

    fn advance(&self) -> StoreResult<'_, Advanced> {
        step("look at the log", async move {
            self.inner.watch.start();
            let mut own = self.inner.quick().await?;
            delivery::advance(&mut own.session()).await
        })
    }

    fn fetch<'a>(&'a self, fetch: &'a Fetch) -> StoreResult<'a, Fetched> {
        step("read the log", async move {
            let mut own = self.inner.quick().await?;
            delivery::fetch(&mut own.session(), fetch).await
        })
    }

    fn due<'a>(&'a self, partition: &'a Partition, limit: Limit) -> StoreResult<'a, Due> {
        step("read the retries", async move {
            let mut own = self.inner.quick().await?;
            due::due(&mut own.session(), partition, limit).await
        })
    }

    fn note<'a>(
        &'a self,
        held: &'a Held,
        positions: &'a [Position],
        company: Company,
    ) -> StoreResult<'a, Verdict> {
        step("note events before they run", async move {
            let mut own = self.inner.safe().await?;
            lease::note(&mut own.session(), held, positions, company).await
        })
    }

    fn acknowledge<'a>(&'a self, acknowledgement: &'a Acknowledgement) -> StoreResult<'a, Verdict> {
        step("acknowledge", async move {
            // A crash may take an acknowledgement back, but no event that a handler returned, and no dead letter.
            let is_more = !acknowledgement.dead.is_empty() || !acknowledgement.append.is_empty();
            let mut own = if is_more {
                self.inner.safe().await?
            } else {
                self.inner.quick().await?
            };
            let verdict = acknowledge::acknowledge(&mut own.session(), acknowledgement).await?;
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
            let mut snapshot = self.inner.snapshot().await?;
            let states = state::subscriptions(&mut snapshot.session()).await?;
            snapshot.commit().await?;
            Ok(states)
        })
    }

    fn change<'a>(&'a self, subscription: &'a str, change: &'a Change) -> StoreResult<'a, ()> {
        step("change the subscription", async move {
            let mut write = self.inner.write().await?;
            change::change(&mut write.session(), subscription, change).await?;
            write.commit().await?;
            self.inner.bell.ring();
            Ok(())
        })
    }

    fn dead_letters<'a>(&'a self, filter: &'a DeadFilter) -> StoreResult<'a, Vec<DeadLetter>> {
        step("read the dead letters", async move {
            let mut own = self.inner.quick().await?;
            dead::dead_letters(&mut own.session(), filter).await
        })
    }

    fn retry_dead<'a>(&'a self, filter: &'a DeadFilter) -> StoreResult<'a, u64> {
        step("retry dead letters", async move {
            let mut own = self.inner.safe().await?;
            let retried = dead::retry(&mut own.session(), filter).await?;
            self.inner.bell.ring();
            Ok(retried)
        })
    }

    fn discard_dead<'a>(&'a self, filter: &'a DeadFilter) -> StoreResult<'a, u64> {
        step("discard dead letters", async move {
            let mut own = self.inner.safe().await?;
            let discarded = dead::discard(&mut own.session(), filter).await?;
            self.inner.bell.ring();
            Ok(discarded)
        })
    }

    fn trim(&self, retention: Duration, limit: usize) -> StoreResult<'_, Trimmed> {
        step("trim the log", async move {
            let mut write = self.inner.write().await?;
            let trimmed = trim::trim(&mut write.session(), retention, limit).await?;
            write.commit().await?;
            // It reads many times what one step removes: once, after the last of the steps that follow each other.
            if usize::try_from(trimmed.removed).is_ok_and(|removed| removed < limit) {
                let mut own = self.inner.quick().await?;
                trim::search(&mut own.session(), &self.inner.searched).await?;
            }
            Ok(trimmed)
        })
    }

    fn erase<'a>(&'a self, key: &'a str) -> StoreResult<'a, u64> {
        step("erase the events of a key", async move {
            let mut write = self.inner.write().await?;
            let erased = trim::erase(&mut write.session(), key).await?;
            write.commit().await?;
            Ok(erased)
        })
    }
}

impl Postgres {
    /// Checks the server and the tables, once when a program begins to use them.
    async fn open(&self) -> Outcome<()> {
        let mut connection = self.inner.safe.acquire().await?;
        migration::require(&mut connection).await?;
        drop(connection);
        let mut own = self.inner.safe().await?;
        guard::require_settings(&mut own.session(), self.inner.statements).await?;
        // It refuses a standby, and the log of another cluster.
        sequence::look(&mut own.session()).await?;
        self.inner.watch.start();
        Ok(())
    }
}
