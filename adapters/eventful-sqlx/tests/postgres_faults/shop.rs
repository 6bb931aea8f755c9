//! A program: an event, its publishers, and a worker with two subscriptions.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant};

use eventful::durable::{Worker, WorkerBuilder, WorkerHandle, current};
use eventful::store::{Postgres, PostgresTransaction};
use eventful::{Bus, event, handler};
use serde::{Deserialize, Serialize};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{PgConnection, PgPool};
use tempfile::TempDir;
use tokio::task::JoinHandle;

use crate::gate::Gates;
use crate::lines::Lines;
use crate::verdict::{Event, Verdict};

pub(crate) type Fallible<T> = Result<T, Box<dyn Error + Send + Sync>>;

#[event(durable, name = "counted", key = key)]
#[derive(Serialize, Deserialize)]
pub(crate) struct Counted {
    pub(crate) key: i64,
    pub(crate) number: i64,
}

/// The time for which a worker takes leases.
pub(crate) const LEASE: Duration = Duration::from_secs(2);
/// The time from the end of a fault after which all is handled, on a machine that has nothing else to do.
const SETTLED: Duration = LEASE.saturating_add(Duration::from_secs(5));
/// The same on a machine that runs other tests, too.
const LIMIT: Duration = SETTLED.saturating_mul(4);

/// The connections of the program's pool. One is not for handlers.
pub(crate) const CONNECTIONS: u32 = 10;

const TABLES: &str = "
    CREATE TABLE counters (key bigint PRIMARY KEY, number bigint NOT NULL) WITH (fillfactor = 10);
    INSERT INTO counters SELECT key, 0 FROM generate_series(1, 100) AS key;
    CREATE TABLE business (key bigint NOT NULL, number bigint NOT NULL);
    CREATE TABLE effects (id bigint GENERATED ALWAYS AS IDENTITY, key bigint NOT NULL, number bigint NOT NULL);";

/// From this key on, the first attempt of the plain handler fails.
pub(crate) const FLAKY: i64 = 90;

#[handler(Counted, id = "faults.plain", retry(first = "50ms", longest = "500ms"))]
async fn plain(event: &Counted, lines: &Lines, gates: &Gates) -> Result<(), &'static str> {
    gates.plain.pass().await;
    let attempt = current().and_then(|current| current.attempt);
    if event.key >= FLAKY && attempt.is_some_and(|attempt| attempt.number == 1) {
        return Err("on purpose");
    }
    lines.push(event.key, event.number);
    Ok(())
}

#[handler(
    Counted,
    id = "faults.effects",
    retry(first = "50ms", longest = "500ms")
)]
async fn effects(
    event: &Counted,
    gates: &Gates,
    connection: &mut PgConnection,
) -> Result<(), sqlx::Error> {
    gates.effects.pass().await;
    sqlx::query("INSERT INTO effects (key, number) VALUES ($1, $2)")
        .bind(event.key)
        .bind(event.number)
        .execute(connection)
        .await?;
    Ok(())
}

/// The program's pool.
pub(crate) fn pool() -> PgPoolOptions {
    PgPoolOptions::new().max_connections(CONNECTIONS)
}

/// A program with its database.
pub(crate) struct Shop {
    pub(crate) pool: PgPool,
    pub(crate) lines: Lines,
    pub(crate) gates: Gates,
    bus: Bus,
    /// Of the lines, if it is this shop's own.
    folder: Option<TempDir>,
    number: AtomicI64,
}

/// A worker that runs.
pub(crate) struct Running {
    handle: WorkerHandle,
    task: JoinHandle<()>,
}

impl Shop {
    /// A shop in an empty database, with the tables of the store.
    pub(crate) async fn open(options: PgConnectOptions) -> Self {
        Self::open_on(pool().connect_lazy_with(options)).await
    }

    pub(crate) async fn open_on(pool: PgPool) -> Self {
        let folder = tempfile::tempdir().expect("a temporary directory can be made");
        let lines = folder.path().join("lines");
        let shop = Self {
            folder: Some(folder),
            ..Self::with_lines(pool, &lines)
        };
        sqlx::raw_sql(TABLES)
            .execute(&shop.pool)
            .await
            .expect("the database takes tables");
        let store = shop.store();
        store.migrate().await.expect("the database can be migrated");
        // It registers the subscriptions: they get what is published from now on, whoever runs first.
        let worker = Worker::builder(&shop.bus, store.clone()).build().await;
        drop(worker.expect("the worker can be built"));
        store.close().await;
        shop
    }

    /// The shop of another process, whose handlers write to the same lines.
    pub(crate) fn with_lines(pool: PgPool, lines: &Path) -> Self {
        let lines = Lines::at(lines);
        let gates = Gates::default();
        let bus = Bus::isolated().with(plain).with(effects);
        let bus = bus.provide(lines.clone()).provide(gates.clone()).build();
        Self {
            pool,
            lines,
            gates,
            bus: bus.expect("the bus can be built"),
            folder: None,
            number: AtomicI64::new(0),
        }
    }

    /// The file of the lines.
    pub(crate) fn lines_file(&self) -> PathBuf {
        let folder = self.folder.as_ref().expect("it is not a child's shop");
        folder.path().join("lines")
    }

    pub(crate) fn store(&self) -> Postgres {
        Postgres::new(self.pool.clone())
    }

    /// A worker that runs in this process.
    pub(crate) async fn worker(&self) -> Running {
        self.worker_with(|builder| builder).await
    }

    pub(crate) async fn worker_with(
        &self,
        options: impl FnOnce(WorkerBuilder) -> WorkerBuilder,
    ) -> Running {
        let builder = Worker::builder(&self.bus, self.store()).lease(LEASE);
        let worker = options(builder).build();
        let worker = worker.await.expect("the worker can be built");
        let handle = worker.handle();
        let task = tokio::spawn(async move {
            // What is still running at the end of a test is no fault.
            let _ = worker.run_until(std::future::pending()).await;
        });
        Running { handle, task }
    }

    /// Publishes an event in a transaction with a row of its own.
    pub(crate) async fn publish(&self, key: i64) -> Fallible<Event> {
        let mut transaction = self.pool.begin().await?;
        let event = self.publish_in(&mut transaction, key).await?;
        transaction.commit().await?;
        Ok(event)
    }

    pub(crate) async fn publish_in(
        &self,
        transaction: &mut PostgresTransaction,
        key: i64,
    ) -> Fallible<Event> {
        sqlx::query("UPDATE counters SET number = number + 1 WHERE key = $1")
            .bind(key)
            .execute(&mut **transaction)
            .await?;
        self.publish_with(transaction, key).await
    }

    /// Publishes an event of a key that nobody else publishes, or that is locked: numbers grow with each event of a
    /// key.
    pub(crate) async fn publish_with(
        &self,
        transaction: &mut PostgresTransaction,
        key: i64,
    ) -> Fallible<Event> {
        let number = self.number.fetch_add(1, Ordering::Relaxed);
        sqlx::query("INSERT INTO business (key, number) VALUES ($1, $2)")
            .bind(key)
            .bind(number)
            .execute(&mut **transaction)
            .await?;
        Counted { key, number }.publish(transaction).await?;
        Ok((key, number))
    }

    /// Publishes this many events, with ten keys in turn.
    pub(crate) async fn publish_many(&self, count: i64) -> Vec<Event> {
        let mut events = Vec::new();
        for index in 0..count {
            let event = self.publish(1 + index % 10).await;
            events.push(event.expect("the server takes events"));
        }
        events
    }

    /// Publishes an event without a row of its own, in a transaction that is rolled back.
    pub(crate) async fn try_publish(&self, key: i64) -> Fallible<()> {
        let mut transaction = self.pool.begin().await?;
        let event = Counted { key, number: -1 };
        event.publish(&mut transaction).await?;
        transaction.rollback().await?;
        Ok(())
    }

    /// Imports many events of ten keys, whose numbers follow those that were published.
    pub(crate) async fn import(&self, count: i64) {
        let mut transaction = self.pool.begin().await.expect("the server answers");
        self.import_in(&mut transaction, count).await;
        transaction.commit().await.expect("the server commits");
    }

    pub(crate) async fn import_in(&self, transaction: &mut PostgresTransaction, count: i64) {
        let first = self.number.fetch_add(count, Ordering::Relaxed);
        sqlx::query(
            "WITH numbers AS (
                SELECT number, 1 + number % 10 AS key FROM generate_series($1, $1 + $2 - 1) AS number),
            business AS (INSERT INTO business (key, number) SELECT key, number FROM numbers)
            INSERT INTO eventful.log (id, name, version, key, slot, payload, occurred_at, headers)
            SELECT gen_random_uuid(), 'counted', 1, key::text, 0,
                convert_to(json_build_object('key', key, 'number', number)::text, 'UTF8'), now(), '{}'
            FROM numbers ORDER BY number",
        )
        .bind(first)
        .bind(count)
        .execute(&mut **transaction)
        .await
        .expect("the tables take rows");
    }

    /// Publishes an event for each of as many keys, in one transaction.
    pub(crate) async fn publish_at_once(&self, count: i64) {
        let mut transaction = self.pool.begin().await.expect("the server answers");
        for key in 1..=count {
            let event = self.publish_in(&mut transaction, key).await;
            event.expect("the server takes events");
        }
        transaction.commit().await.expect("the server commits");
    }

    pub(crate) async fn committed(&self) -> Vec<Event> {
        self.read("SELECT key, number FROM business").await
    }

    /// The verdict on the plain handler.
    pub(crate) async fn plain(&self) -> Verdict {
        Verdict::of(&self.committed().await, &self.lines.read())
    }

    /// The verdict on the transactional handler.
    pub(crate) async fn effects(&self) -> Verdict {
        let effects = self
            .read("SELECT key, number FROM effects ORDER BY id")
            .await;
        Verdict::of(&self.committed().await, &effects)
    }

    /// Waits until both handlers have handled what is committed, for a while: it is for the verdicts to say what is
    /// missing then.
    pub(crate) async fn wait_until_handled(&self) {
        let began = Instant::now();
        while began.elapsed() < LIMIT {
            let (plain, effects) = (self.plain().await, self.effects().await);
            if plain.lost.is_empty() && effects.lost.is_empty() {
                if began.elapsed() > SETTLED {
                    println!("it took {:?}: is the machine busy?", began.elapsed());
                }
                return;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Waits until the cursors are at the end of the log.
    pub(crate) async fn wait_until_acknowledged(&self) {
        self.wait_for("SELECT sum(lag) = 0 FROM eventful.subscriptions")
            .await;
    }

    /// Waits until each event of the log has a position.
    pub(crate) async fn wait_until_positioned(&self) {
        self.wait_for(
            "SELECT (SELECT count(*) FROM eventful.log) = (SELECT count(*) FROM eventful.position)",
        )
        .await;
    }

    /// Waits until a condition is true.
    pub(crate) async fn wait_for(&self, condition: &'static str) {
        let began = Instant::now();
        loop {
            let is_true: Option<bool> = sqlx::query_scalar(condition)
                .fetch_one(&self.pool)
                .await
                .expect("the server answers");
            if is_true == Some(true) {
                return;
            }
            assert!(
                began.elapsed() < Duration::from_mins(1),
                "it does not become true: {condition}"
            );
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    async fn read(&self, select: &'static str) -> Vec<Event> {
        let rows = sqlx::query_as(select).fetch_all(&self.pool).await;
        rows.expect("the table can be read")
    }
}

impl Running {
    pub(crate) async fn stop(self) {
        self.handle.stop(Duration::from_secs(2)).await;
        self.task.await.expect("the worker does not panic");
    }
}
