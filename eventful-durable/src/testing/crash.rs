//! The crash harness: it kills the processes that publish and handle events, again and again, and finds out what a
//! store has lost.
//!
//! A test program starts itself again as *children*: publishers and workers. The *controller*, which is the test, kills
//! one of them every 50 to 500 milliseconds (`SIGKILL`) and starts it again. Sometimes it stops one (`SIGSTOP`) for
//! longer than its lease, or has it abort at a chosen place, a *failpoint*. In the end it drains the store, and judges.
//!
//! - Publishers write one to three rows and as many events in a transaction, most of them with a key, under the lock of
//!   the key's counter. Some transactions are rolled back, some savepoints are rolled back and some released.
//! - Workers run three subscriptions: `crash.plain`; `crash.flaky`, a part of whose attempts fail; and `crash.effects`,
//!   which writes a row in the transaction that acknowledges, if the store has such transactions.
//! - Each handler appends lines to the *ledger*, a file of its own, which no crash of the store can harm.
//!
//! The judge compares the ledger and the effects with the rows that the publishers have committed, and follows each
//! cursor through the leases and acknowledgements: see [`Report`].
//!
//! # For the author of a store
//!
//! Implement [`Subject`], write one test that is the children, and one test that is the controller. It takes the
//! feature `crash` of `eventful-durable`, in the `[dev-dependencies]`.
//!
//! ```
//! use std::path::Path;
//! use std::time::Duration;
//!
//! use eventful_durable::testing::crash::{self, Place, Role, Row, Subject, Table};
//! # mod my_store {
//! #     pub use eventful_durable::{Memory as MyStore, MemoryTransaction as MyTransaction};
//! # }
//! use my_store::{MyStore, MyTransaction};
//!
//! struct MyDatabase {
//!     store: MyStore,
//! }
//!
//! impl Subject for MyDatabase {
//!     type Store = MyStore;
//!     type Transaction = MyTransaction;
//!     // What a handler with a transaction is lent.
//!     type Connection = MyTransaction;
//!
//!     async fn open(place: &Place) -> crash::Fallible<Self> {
//!         let file = place.directory().join("my.db");
//!         // Open it, migrate it, and make the tables `business`, `effects` and `counters`, if they are not there.
//! #       let _: (std::path::PathBuf, &Path) = (file, place.directory());
//!         Ok(Self { store: MyStore::new() })
//!     }
//!
//!     fn store(&self) -> MyStore {
//!         self.store.clone()
//!     }
//!
//!     async fn begin(&self) -> crash::Fallible<MyTransaction> {
//!         Ok(self.store.begin())
//!     }
//!
//!     // The places in the store that call `crash::pass("my.trim")`, where a worker may abort.
//!     fn failpoints(role: Role) -> &'static [&'static str] {
//!         match role {
//!             Role::Worker => &["my.trim"],
//!             _ => &[],
//!         }
//!     }
//!
//!     async fn commit(transaction: MyTransaction) -> crash::Fallible<()> {
//!         // A fault of this subject: a run with `Broken::Own("no commit")` has to find it.
//!         if crash::is_broken("no commit") {
//!             return Ok(());
//!         }
//!         transaction.commit();
//!         Ok(())
//!     }
//!
//!     async fn count(connection: &mut MyTransaction, key: &str) -> crash::Fallible<i64> {
//!         // INSERT INTO counters (key, number) VALUES ($1, 1)
//!         // ON CONFLICT (key) DO UPDATE SET number = counters.number + 1 RETURNING number
//! #       let _ = (connection, key);
//! #       Ok(1)
//!     }
//!
//!     async fn write(connection: &mut MyTransaction, table: Table, row: &Row) -> crash::Fallible<()> {
//!         // INSERT INTO business (id, key, number) VALUES ($1, $2, $3)
//! #       let _ = (connection, table, row);
//!         Ok(())
//!     }
//!
//!     async fn read(&self, table: Table) -> crash::Fallible<Vec<Row>> {
//!         // SELECT id, key, number FROM business ORDER BY …
//! #       let _ = table;
//!         Ok(Vec::new())
//!     }
//! }
//!
//! # mod tests {
//! # use super::*;
//! // #[tokio::test(flavor = "multi_thread")]
//! async fn child() {
//!     crash::child::<MyDatabase>().await;
//! }
//!
//! // #[tokio::test(flavor = "multi_thread")]
//! async fn nothing_is_lost() {
//!     let run = crash::Run::new(crash::test("tests::child"));
//!     let report: crash::Report = run.run::<MyDatabase>().await;
//!     println!("{report}");
//!     report.assert_sound();
//! }
//!
//! // A database with many writers: 2 publishers have 20 connections each, and one a transaction that stays open.
//! // #[tokio::test(flavor = "multi_thread")]
//! async fn nothing_is_lost_in_a_crowd() {
//!     let run = crash::Run::new(crash::test("tests::child")).connections(20).keys(60).early_writes();
//!     let run = run.sleep(Duration::from_millis(20)).long_transaction(Duration::from_secs(8));
//!     // Each subscription is split while it runs.
//!     let report = run.split(4).transactions(10_000).run::<MyDatabase>().await;
//!     report.assert_sound();
//! }
//!
//! // Partitions, whose handlers take up to 2 ms, and fail three times in a hundred.
//! // #[tokio::test(flavor = "multi_thread")]
//! async fn partitions_whose_handlers_fail_lose_nothing() {
//!     let run = crash::Run::new(crash::test("tests::child")).partitions(4);
//!     let run = run.failing(3).slow_handlers(Duration::from_millis(2));
//!     run.run::<MyDatabase>().await.assert_sound();
//! }
//!
//! // A store that is broken on purpose, to see that the judge finds it.
//! // #[tokio::test(flavor = "multi_thread")]
//! async fn a_store_without_tokens_is_found() {
//!     let run = crash::Run::new(crash::test("tests::child")).broken(crash::Broken::NoTokens);
//!     // The seed of an earlier run, three publishers and two workers, and a kill every 20 to 100 ms.
//!     let run = run.seed(7).processes(3, 2);
//!     let run = run.pause(Duration::from_millis(20), Duration::from_millis(100));
//!     let report = run.run::<MyDatabase>().await;
//!     assert!(!report.is_sound(), "it is found");
//!     println!("{:?}", report.faults());
//! }
//!
//! // An event whose handler kills the process.
//! // #[tokio::test(flavor = "multi_thread")]
//! async fn a_poison_event_is_found() {
//!     let run = crash::Run::new(crash::test("tests::child"));
//!     let report: crash::PoisonReport = run.poison::<MyDatabase>().await;
//!     report.assert_sound();
//! }
//! # }
//! # fn main() {}
//! ```
//!
//! A run takes 5 seconds, or [`Run::seconds`], or what `EVENTFUL_CRASH_SECONDS` says, or until [`Run::transactions`] are
//! committed. It prints its seed, which
//! `EVENTFUL_CRASH_SEED` repeats, as far as the machine allows.

mod broken;
mod child;
mod controller;
mod environment;
mod failpoint;
mod judge;
mod ledger;
mod load;
mod poison;
mod processes;
mod publisher;
mod random;
mod report;
mod run;
mod worker;

use std::error::Error;
use std::future::Future;
use std::path::{Path, PathBuf};

use uuid::Uuid;

use crate::Appends;
use crate::store::Store;

pub use self::broken::{Broken, is_broken};
pub use self::child::{child, test};
pub use self::failpoint::pass;
pub use self::poison::PoisonReport;
pub use self::report::Report;
pub use self::run::Run;

/// The result of a step of a [`Subject`].
pub type Fallible<T> = Result<T, Box<dyn Error + Send + Sync>>;

/// A database with a store in it, as the harness needs it. The [module](self) has an example.
pub trait Subject: Sized + Send + Sync + 'static {
    /// The store.
    type Store: Store;
    /// A transaction of the program's own. Dropped without a commit, it is rolled back.
    type Transaction: Appends<Self::Store> + Send + 'static;
    /// The type that [`Appends::lend`] returns for a transaction, and that handlers with a transaction are lent.
    type Connection: Send + 'static;

    /// Opens the database of a run, and makes what is not there yet: the tables of the store and those of the harness.
    ///
    /// Several processes call it at once, and may be killed in it.
    fn open(place: &Place) -> impl Future<Output = Fallible<Self>> + Send;

    /// Returns the store.
    fn store(&self) -> Self::Store;

    /// Begins a transaction.
    fn begin(&self) -> impl Future<Output = Fallible<Self::Transaction>> + Send;

    /// Commits a transaction.
    fn commit(transaction: Self::Transaction) -> impl Future<Output = Fallible<()>> + Send;

    /// Adds one to the counter of a key, which is made if it is not there, and returns its value. Until the transaction
    /// ends, every other one that counts this key waits.
    fn count(
        connection: &mut Self::Connection,
        key: &str,
    ) -> impl Future<Output = Fallible<i64>> + Send;

    /// Inserts a row. A table may have the same row twice: the judge wants to see it.
    fn write(
        connection: &mut Self::Connection,
        table: Table,
        row: &Row,
    ) -> impl Future<Output = Fallible<()>> + Send;

    /// Reads all rows of a table, in the order in which they were inserted.
    fn read(&self, table: Table) -> impl Future<Output = Fallible<Vec<Row>>> + Send;

    /// Checks the database itself when all is over, as `PRAGMA integrity_check` does.
    fn check(&self) -> impl Future<Output = Fallible<()>> + Send {
        std::future::ready(Ok(()))
    }

    /// The names of the places in the store that call [`pass`], for a process in this role.
    #[must_use]
    fn failpoints(role: Role) -> &'static [&'static str] {
        let _ = role;
        &[]
    }
}

/// The place of a run's database.
#[derive(Clone, Debug)]
pub struct Place {
    directory: PathBuf,
    connections: usize,
}

impl Place {
    /// The connections of a process that does not publish.
    const CONNECTIONS: usize = 8;

    fn new(directory: &Path) -> Self {
        Self {
            directory: directory.to_owned(),
            connections: Self::CONNECTIONS,
        }
    }

    /// Returns the directory of the run, which is empty at first. Its name is unique, so that a database elsewhere can
    /// have it.
    #[must_use]
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// Returns the number of connections that this process wants: a publisher has as many transactions open at once.
    #[must_use]
    pub fn connections(&self) -> usize {
        self.connections
    }
}

/// The role of a child.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// It opens the database, and ends.
    Opener,
    /// It publishes.
    Publisher,
    /// It handles.
    Worker,
}

/// The tables that a run writes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Table {
    /// The rows that publishers write beside their events.
    Business,
    /// The rows that the handler with a transaction writes.
    Effects,
}

/// A row, which stands for one event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The id of the event.
    pub id: Uuid,
    /// The key of the event.
    pub key: Option<String>,
    /// The value of the key's counter, 0 without a key.
    pub number: i64,
}
