//! Files and transactions that cannot work: the errors are clear, early, and nothing is lost.

use std::error::Error;
use std::time::Duration;

use eventful::durable::store::Store;
use eventful::durable::{Appends, Worker, WorkerBuildError};
use eventful::store::Sqlite;
use eventful::{Bus, event, handler};
use serde::{Deserialize, Serialize};
use sqlx::sqlite::{SqliteConnectOptions, SqlitePoolOptions};
use sqlx::{Acquire, SqliteConnection, SqlitePool};

use crate::support::TestFile;

#[event(durable, name = "input.placed")]
#[derive(Serialize, Deserialize)]
struct Placed(u32);

#[handler(Placed, id = "input.hear")]
async fn hear(_: &Placed) {}

/// The text of an error with its sources.
fn text(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        text = format!("{text}: {error}");
        source = error.source();
    }
    text
}

async fn build(store: Sqlite) -> Result<Worker, WorkerBuildError> {
    let bus = Bus::isolated().with(hear).build();
    let bus = bus.expect("the bus can be built");
    Worker::builder(&bus, store).build().await
}

async fn build_fails(store: Sqlite) -> String {
    text(&build(store).await.expect_err("the worker cannot be built"))
}

async fn publish_fails(file: &TestFile) -> String {
    text(
        &file
            .store()
            .publish(&Placed(1))
            .await
            .expect_err("it cannot be published"),
    )
}

#[tokio::test]
async fn a_file_without_tables() {
    let file = TestFile::empty();
    let wanted = "the file has no tables of eventful: call `Sqlite::new(pool).migrate().await?`";
    let published = publish_fails(&file).await;
    assert!(published.contains(wanted), "{published}");
    let built = build_fails(file.store()).await;
    assert!(built.contains(wanted), "{built}");
}

#[tokio::test]
async fn a_file_of_a_newer_version() {
    let file = TestFile::migrated().await;
    sqlx::query("INSERT INTO eventful_migration (version, applied_at) VALUES (99, 0)")
        .execute(&file.pool)
        .await
        .expect("the row can be written");
    let built = build_fails(file.store()).await;
    let wanted = "a newer version of eventful has migrated this file: its tables have version 99";
    assert!(built.contains(wanted), "{built}");
    let migrated = file
        .store()
        .migrate()
        .await
        .expect_err("it is not migrated back");
    assert!(migrated.to_string().contains(wanted), "{migrated}");
}

#[tokio::test]
async fn a_file_in_memory() {
    let pool = SqlitePoolOptions::new().max_connections(1);
    let pool = pool
        .connect("sqlite::memory:")
        .await
        .expect("it can be opened");
    let error = Sqlite::new(pool)
        .migrate()
        .await
        .expect_err("it cannot be shared");
    assert!(
        error.to_string().contains("the database is in memory"),
        "{error}"
    );
    assert!(error.is_refused());
}

#[tokio::test]
async fn a_file_that_is_not_there() {
    let file = TestFile::empty();
    let error = file.store().migrate().await.expect_err("there is no file");
    assert!(
        text(&error).contains("the file cannot be opened"),
        "{}",
        text(&error)
    );
}

#[tokio::test]
async fn a_file_that_can_only_be_read() {
    let file = TestFile::migrated().await;
    let options = SqliteConnectOptions::new()
        .filename(file.path())
        .read_only(true);
    let store = Sqlite::new(SqlitePool::connect_lazy_with(options));
    let built = build_fails(store.clone()).await;
    assert!(built.contains("can only be read"), "{built}");
    let published = text(
        &store
            .publish(&Placed(1))
            .await
            .expect_err("it cannot be written"),
    );
    assert!(published.contains("can only be read"), "{published}");
}

#[tokio::test]
async fn a_file_without_a_write_ahead_log() {
    let file = TestFile::migrated().await;
    file.pool.close().await;
    let options = SqliteConnectOptions::new().filename(file.path());
    let pool = SqlitePool::connect_with(options)
        .await
        .expect("it can be opened");
    sqlx::query("PRAGMA journal_mode = DELETE")
        .execute(&pool)
        .await
        .expect("nobody else has it open");
    let built = build_fails(Sqlite::new(pool)).await;
    assert!(
        built.contains("the file's journal mode is `delete`, and the store needs `wal`"),
        "{built}"
    );
}

#[tokio::test]
async fn a_file_that_is_locked() {
    let file = TestFile::migrated().await;
    let hasty = SqliteConnectOptions::new()
        .filename(file.path())
        .busy_timeout(Duration::from_millis(50));
    let hasty = Sqlite::new(SqlitePool::connect_lazy_with(hasty));
    let lock = file
        .pool
        .begin_with("BEGIN IMMEDIATE")
        .await
        .expect("nobody else writes");
    let published = text(
        &hasty
            .publish(&Placed(1))
            .await
            .expect_err("the file is locked"),
    );
    let wanted = "another connection has kept the file locked for longer than the `busy_timeout`";
    assert!(published.contains(wanted), "{published}");

    // The store itself waits.
    let unlock = tokio::spawn(async move {
        tokio::time::sleep(Duration::from_secs(1)).await;
        lock.rollback().await.expect("it rolls back");
    });
    build(file.store()).await.expect("it has waited");
    unlock.await.expect("it was unlocked");
}

#[tokio::test]
async fn a_file_that_is_full() {
    let file = TestFile::migrated().await;
    let pages: i64 = sqlx::query_scalar("PRAGMA page_count")
        .fetch_one(&file.pool)
        .await
        .expect("it can be read");
    let options = SqliteConnectOptions::new()
        .filename(file.path())
        .pragma("max_page_count", (pages + 20).to_string());
    let store = Sqlite::new(SqlitePool::connect_lazy_with(options));
    let worker = build(store.clone()).await.expect("there is room for that");
    let mut published = 0;
    let error = loop {
        match store.publish(&Placed(published)).await {
            Ok(()) => published += 1,
            Err(error) => break text(&error),
        }
    };
    assert!(error.contains("the disk is full"), "{error}");
    assert!(published > 0);
    // There is room again: what was published is there, and the rest is not.
    let count: i64 = sqlx::query_scalar("SELECT count(*) FROM eventful_log")
        .fetch_one(&file.pool)
        .await
        .expect("it can be read");
    assert_eq!(count, i64::from(published));
    drop(worker);
    let worker = build(file.store()).await.expect("there is room");
    worker.run_until_idle().await.expect("the store works");
    let states = file.store().subscriptions().await.expect("the store works");
    assert_eq!(states[0].partitions[0].handled, u64::from(published));
}

#[cfg(unix)]
#[tokio::test]
async fn a_file_that_was_deleted_while_it_was_open() {
    let file = TestFile::migrated().await;
    let worker = build(file.store()).await.expect("the worker can be built");
    worker.run_until_idle().await.expect("the file is there");
    std::fs::remove_file(file.path()).expect("it can be deleted");
    let error = worker.run_until_idle().await.expect_err("the file is gone");
    assert!(
        error
            .to_string()
            .contains("was deleted or replaced while it was open"),
        "{error}"
    );
}

#[tokio::test]
async fn a_pool_of_one_connection_is_enough() {
    let file = TestFile::migrated().await;
    let options = SqliteConnectOptions::new().filename(file.path());
    let pool = SqlitePoolOptions::new()
        .max_connections(1)
        .connect_lazy_with(options);
    let store = Sqlite::new(pool.clone());
    let worker = build(store).await.expect("the worker can be built");
    let mut transaction = pool.begin_with("BEGIN IMMEDIATE").await.expect("it begins");
    Placed(1)
        .publish(&mut transaction)
        .await
        .expect("it is published");
    transaction.commit().await.expect("it commits");
    let idle = tokio::time::timeout(Duration::from_secs(20), worker.run_until_idle());
    idle.await.expect("nothing hangs").expect("the store works");
}

#[tokio::test]
async fn a_connection_without_a_transaction() {
    let file = TestFile::migrated().await;
    let mut connection = file.pool.acquire().await.expect("a connection is free");
    let connection: &mut SqliteConnection = &mut connection;
    let error = Placed(1)
        .publish(&mut *connection)
        .await
        .expect_err("no transaction is open");
    assert!(
        error
            .to_string()
            .contains("no transaction is open on this connection"),
        "{error}"
    );
    let error = connection
        .savepoint()
        .await
        .expect_err("no transaction is open");
    assert!(
        error
            .to_string()
            .contains("no transaction is open on this connection"),
        "{error}"
    );
}

#[tokio::test]
async fn a_transaction_that_has_read_too_early() {
    let file = TestFile::migrated().await;
    let mut transaction = file.pool.begin().await.expect("it begins");
    let _: i64 = sqlx::query_scalar("SELECT count(*) FROM eventful_log")
        .fetch_one(&mut *transaction)
        .await
        .expect("it can be read");
    file.store()
        .publish(&Placed(1))
        .await
        .expect("another connection writes");
    let error = Placed(2)
        .publish(&mut transaction)
        .await
        .expect_err("what it has read is old");
    assert!(
        text(&error).contains("begin it with `pool.begin_with(\"BEGIN IMMEDIATE\")`"),
        "{}",
        text(&error)
    );
}

/// SQLite does not let a reader wait for the lock, whatever its `busy_timeout`: the other one might wait for it.
#[tokio::test]
async fn a_transaction_that_has_read_while_another_one_writes() {
    let file = TestFile::migrated().await;
    let lock = file.pool.begin_with("BEGIN IMMEDIATE").await;
    let lock = lock.expect("nobody else writes");
    let mut transaction = file.pool.begin().await.expect("it begins");
    let _: i64 = sqlx::query_scalar("SELECT count(*) FROM eventful_log")
        .fetch_one(&mut *transaction)
        .await
        .expect("it can be read");
    let began = std::time::Instant::now();
    let error = Placed(1).publish(&mut transaction).await;
    let error = text(&error.expect_err("the file is locked"));
    assert!(began.elapsed() < Duration::from_secs(4), "it has waited");
    assert!(
        error.contains("begin it with `pool.begin_with(\"BEGIN IMMEDIATE\")`"),
        "{error}"
    );
    lock.rollback().await.expect("it rolls back");
}

#[tokio::test]
async fn a_savepoint_is_a_transaction_too() {
    let file = TestFile::migrated().await;
    let mut transaction = file
        .pool
        .begin_with("BEGIN IMMEDIATE")
        .await
        .expect("it begins");
    let mut kept = transaction.begin().await.expect("a savepoint begins");
    Placed(1).publish(&mut kept).await.expect("it is published");
    kept.commit().await.expect("it is released");
    let mut dropped = transaction.begin().await.expect("a savepoint begins");
    Placed(2)
        .publish(&mut dropped)
        .await
        .expect("it is published");
    dropped.rollback().await.expect("it is rolled back");
    transaction.commit().await.expect("it commits");
    let events: Vec<String> = sqlx::query_scalar("SELECT payload FROM eventful_events")
        .fetch_all(&file.pool)
        .await
        .expect("it can be read");
    assert_eq!(events, ["1"]);
}
