//! A file for one figure.

use std::error::Error;
use std::fmt;
use std::time::Duration;

use eventful::durable::store::Store as _;
use eventful::durable::{StillRunning, Worker, WorkerHandle};
use eventful::store::Sqlite;
use eventful::{Bus, Event as _, event};
use serde::{Deserialize, Serialize};
use sqlx::SqlitePool;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use tempfile::TempDir;
use tokio::task::JoinHandle;

pub(crate) type Outcome<T = ()> = Result<T, Box<dyn Error>>;

/// An event with a payload of 200 bytes.
#[event(durable, name = "bench.placed", key = key)]
#[derive(Serialize, Deserialize)]
pub(crate) struct Placed {
    pub(crate) key: u64,
    /// Nanoseconds since the program began.
    pub(crate) at: u64,
    pub(crate) text: String,
}

impl Placed {
    pub(crate) fn new(key: u64, at: u64) -> Self {
        Self {
            key,
            at,
            text: "x".repeat(160),
        }
    }
}

/// The durability of a commit of the publishers.
#[derive(Clone, Copy)]
pub(crate) struct Synchronous(pub(crate) SqliteSynchronous);

impl Synchronous {
    pub(crate) const BOTH: [Self; 2] = [
        Self(SqliteSynchronous::Normal),
        Self(SqliteSynchronous::Full),
    ];
}

impl fmt::Display for Synchronous {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self.0 {
            SqliteSynchronous::Full => "FULL",
            _ => "NORMAL",
        })
    }
}

/// A worker that runs.
pub(crate) struct Delivering {
    handle: WorkerHandle,
    task: JoinHandle<Result<(), StillRunning>>,
}

impl Delivering {
    pub(crate) async fn stop(self) -> Outcome {
        self.handle.stop(Duration::from_secs(5)).await;
        Ok(self.task.await??)
    }
}

pub(crate) struct File {
    pub(crate) pool: SqlitePool,
    pub(crate) store: Sqlite,
    _directory: TempDir,
}

impl File {
    pub(crate) async fn new(synchronous: Synchronous) -> Outcome<Self> {
        let directory = tempfile::tempdir()?;
        let options = SqliteConnectOptions::new()
            .filename(directory.path().join("bench.db"))
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(synchronous.0);
        let pool = SqlitePoolOptions::new()
            .max_connections(4)
            .connect_with(options)
            .await?;
        let store = Sqlite::new(pool.clone());
        store.migrate().await?;
        sqlx::query("CREATE TABLE business (id INTEGER PRIMARY KEY, text TEXT NOT NULL) STRICT")
            .execute(&pool)
            .await?;
        Ok(Self {
            pool,
            store,
            _directory: directory,
        })
    }

    pub(crate) async fn worker(&self, bus: &Bus) -> Outcome<Worker> {
        Ok(Worker::builder(bus, self.store.clone()).build().await?)
    }

    /// Begins to deliver.
    pub(crate) async fn deliver(&self, bus: &Bus) -> Outcome<Delivering> {
        let worker = self.worker(bus).await?;
        Ok(Delivering {
            handle: worker.handle(),
            task: tokio::spawn(async move { worker.run_until(std::future::pending()).await }),
        })
    }

    /// Fails unless each subscription has handled that many events.
    pub(crate) async fn require_handled(&self, events: u64) -> Outcome {
        for state in self.store.subscriptions().await? {
            let handled: u64 = state
                .partitions
                .iter()
                .map(|partition| partition.handled)
                .sum();
            if handled != events {
                return Err(
                    format!("{} has handled {handled} of {events} events", state.id).into(),
                );
            }
        }
        Ok(())
    }

    /// Appends events without a publish, as fast as the file can.
    pub(crate) async fn fill(&self, events: u64, keys: u64) -> Outcome {
        let statement = "
            WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < ?1)
            INSERT INTO eventful_log (id, name, version, key, slot, payload, occurred_at, headers, appended_at)
            SELECT printf('00000000-0000-7000-8000-%012d', n), ?2, 1, CAST(n % ?3 AS TEXT), n % ?3 % 256,
                CAST(printf('{\"key\":%d,\"at\":0,\"text\":\"%s\"}', n % ?3, ?4) AS BLOB), unixepoch() * 1000000,
                '{}', unixepoch() * 1000000 FROM n";
        let mut transaction = self.pool.begin_with("BEGIN IMMEDIATE").await?;
        sqlx::query(statement)
            .bind(i64::try_from(events)?)
            .bind(Placed::NAME)
            .bind(i64::try_from(keys)?)
            .bind("x".repeat(160))
            .execute(&mut *transaction)
            .await?;
        transaction.commit().await?;
        sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)")
            .execute(&self.pool)
            .await?;
        Ok(())
    }
}
