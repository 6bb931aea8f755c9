//! A file of SQLite for one figure.

use std::fmt;

use eventful::Event as _;
use eventful::store::Sqlite;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{SqlitePool, Transaction};
use tempfile::TempDir;

use crate::database::{Database, Outcome, Placed, Sizes};

#[derive(Clone, Copy)]
pub(crate) struct Synchronous(SqliteSynchronous);

impl fmt::Display for Synchronous {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self.0 {
            SqliteSynchronous::Full => "FULL",
            _ => "NORMAL",
        })
    }
}

pub(crate) struct File {
    pub(crate) pool: SqlitePool,
    store: Sqlite,
    _directory: TempDir,
}

impl Database for File {
    type Store = Sqlite;
    type Synchronous = Synchronous;
    type Transaction = Transaction<'static, sqlx::Sqlite>;

    const SYNCHRONOUS: &'static [Synchronous] = &[
        Synchronous(SqliteSynchronous::Normal),
        Synchronous(SqliteSynchronous::Full),
    ];
    const SIZES: Sizes = Sizes {
        publishers: &[1],
        drained: 500_000,
        waiting: 1_000_000,
        rate: 5_000,
        streams: 1,
    };

    async fn new(synchronous: Synchronous) -> Outcome<Self> {
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
        sqlx::raw_sql(
            "CREATE TABLE business (id INTEGER PRIMARY KEY, text TEXT NOT NULL) STRICT;
             CREATE TABLE second (position INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL, name TEXT NOT NULL,
                 version INTEGER NOT NULL, key TEXT, slot INTEGER NOT NULL, payload BLOB NOT NULL,
                 occurred_at INTEGER NOT NULL, headers TEXT NOT NULL, appended_at INTEGER NOT NULL) STRICT",
        )
        .execute(&pool)
        .await?;
        Ok(Self {
            pool,
            store,
            _directory: directory,
        })
    }

    fn store(&self) -> &Sqlite {
        &self.store
    }

    async fn begin(&self) -> Outcome<Self::Transaction> {
        Ok(self.pool.begin_with("BEGIN IMMEDIATE").await?)
    }

    async fn commit(transaction: Self::Transaction) -> Outcome {
        Ok(transaction.commit().await?)
    }

    async fn insert_business(transaction: &mut Self::Transaction) -> Outcome {
        let query = sqlx::query("INSERT INTO business (text) VALUES (?)").bind("an order");
        query.execute(&mut **transaction).await?;
        Ok(())
    }

    async fn insert_second(transaction: &mut Self::Transaction, payload: &str) -> Outcome {
        sqlx::query(
            "INSERT INTO second (id, name, version, key, slot, payload, occurred_at, headers, appended_at)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        )
        .bind("00000000-0000-7000-8000-000000000000")
        .bind(Placed::NAME)
        .bind(1_i64)
        .bind("7")
        .bind(7_i64)
        .bind(payload.as_bytes())
        .bind(0_i64)
        .bind("{\"published_at\":\"tools/eventful-durable-bench/src/publish.rs:100:19\"}")
        .bind(0_i64)
        .execute(&mut **transaction)
        .await?;
        Ok(())
    }

    async fn fill(&self, events: u64, keys: u64) -> Outcome {
        let statement = "
            WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < ?1)
            INSERT INTO eventful_log (id, name, version, key, slot, payload, occurred_at, headers, appended_at)
            SELECT printf('00000000-0000-7000-8000-%012d', n), ?2, 1, CAST(n % ?3 AS TEXT), n % ?3 % 256,
                CAST(printf('{\"key\":%d,\"at\":0,\"text\":\"%s\"}', n % ?3, ?4) AS BLOB), unixepoch() * 1000000,
                '{}', unixepoch() * 1000000 FROM n";
        let mut transaction = self.begin().await?;
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

    async fn remove(self) -> Outcome {
        self.store.close().await;
        self.pool.close().await;
        Ok(())
    }
}
