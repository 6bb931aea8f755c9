//! Workers that are stopped (`SIGSTOP`) in the middle of something. Others go on in their place.

use std::sync::Arc;
use std::time::{Duration, Instant};

use sqlx::AssertSqlSafe;
use tokio::time::sleep;

use crate::child::WorkerProcess;
use crate::fault_time;
use crate::server::TestDatabase;
use crate::shop::{LEASE, Shop};

/// Stops a worker while a statement of its waits for this table, so that it is stopped when the statement has ended.
async fn is_stopped_after_a_statement_on(table: &str) {
    let Some(database) = TestDatabase::create().await else {
        return;
    };
    let shop = Shop::open(database.options()).await;
    let stopped = WorkerProcess::start(&shop, &database.url());
    shop.publish_many(10).await;
    shop.wait_until_handled().await;
    shop.wait_until_acknowledged().await;

    let mut lock = database.pool.begin().await.expect("the server answers");
    // The first makes sure that there is something to do.
    shop.publish_many(10).await;
    let statement = format!("LOCK TABLE {table} IN SHARE MODE");
    sqlx::raw_sql(AssertSqlSafe(statement))
        .execute(&mut *lock)
        .await
        .expect("a superuser locks tables");
    let publishes = publishes_while(&shop, table).await;
    stopped.stop();
    lock.commit().await.expect("the server commits");

    let began = Instant::now();
    let successor = shop.worker().await;
    shop.wait_until_handled().await;
    println!("{table}: handled after {:?}", began.elapsed());
    shop.plain().await.assert_at_least_once();
    shop.effects().await.assert_exactly_once();
    stopped.go_on();
    shop.publish_many(10).await;
    sleep(Duration::from_millis(500)).await;
    shop.wait_until_handled().await;
    shop.plain().await.assert_at_least_once();
    shop.effects().await.assert_exactly_once();
    assert_eq!(shop.committed().await.len(), 30 + publishes);
    successor.stop().await;
}

/// Publishes until somebody waits for the table. Returns the number of events.
async fn publishes_while(shop: &Shop, table: &str) -> usize {
    let waits =
        "SELECT EXISTS (SELECT FROM pg_locks WHERE relation = $1::regclass AND NOT granted)";
    let began = Instant::now();
    let mut published = 0;
    loop {
        let is_waiting: bool = sqlx::query_scalar(waits)
            .bind(table)
            .fetch_one(&shop.pool)
            .await
            .expect("the server answers");
        if is_waiting {
            return published;
        }
        assert!(
            began.elapsed() < Duration::from_mins(1),
            "nobody writes {table}"
        );
        shop.publish_many(1).await;
        published += 1;
        sleep(Duration::from_millis(20)).await;
    }
}

/// Between the last statement of the transaction and its commit: it holds a lock on the lease then.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_worker_that_is_stopped_before_a_commit_is_replaced() {
    is_stopped_after_a_statement_on("eventful.done").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_worker_that_is_stopped_within_a_handler_is_replaced() {
    is_stopped_after_a_statement_on("effects").await;
}

/// In an acknowledgement or a renewal.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_worker_that_is_stopped_within_an_acknowledgement_is_replaced() {
    is_stopped_after_a_statement_on("eventful.partition").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_worker_that_is_stopped_within_a_step_is_replaced() {
    is_stopped_after_a_statement_on("eventful.position").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_worker_that_is_stopped_within_the_sequencer_is_replaced() {
    is_stopped_after_a_statement_on("eventful.sequencer").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_worker_that_is_stopped_while_it_announces_itself_is_replaced() {
    is_stopped_after_a_statement_on("eventful.worker").await;
}

/// A takeover: nobody has a lease before.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_worker_that_is_stopped_within_a_takeover_is_replaced() {
    let Some(database) = TestDatabase::create().await else {
        return;
    };
    let shop = Shop::open(database.options()).await;
    shop.publish_many(10).await;
    let mut lock = database.pool.begin().await.expect("the server answers");
    sqlx::raw_sql("LOCK TABLE eventful.lease IN SHARE MODE")
        .execute(&mut *lock)
        .await
        .expect("a superuser locks tables");
    let stopped = WorkerProcess::start(&shop, &database.url());
    shop.wait_for("SELECT EXISTS (SELECT FROM pg_locks WHERE relation = 'eventful.lease'::regclass AND NOT granted)")
        .await;
    stopped.stop();
    lock.commit().await.expect("the server commits");
    let successor = shop.worker().await;
    shop.wait_until_handled().await;
    stopped.go_on();
    shop.publish_many(10).await;
    shop.wait_until_handled().await;
    shop.plain().await.assert_at_least_once();
    shop.effects().await.assert_exactly_once();
    successor.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn workers_that_are_stopped_at_any_moment_lose_nothing() {
    let Some(database) = TestDatabase::create().await else {
        return;
    };
    let shop = Arc::new(Shop::open(database.options()).await);
    let workers = [0, 1].map(|_| WorkerProcess::start(&shop, &database.url()));
    let publisher = tokio::spawn({
        let shop = shop.clone();
        async move {
            loop {
                shop.publish_many(1).await;
                sleep(Duration::from_millis(3)).await;
            }
        }
    });
    let began = Instant::now();
    for (worker, moment) in workers.iter().cycle().zip((0..200).step_by(37).cycle()) {
        if began.elapsed() >= fault_time(Duration::from_secs(6)) {
            break;
        }
        sleep(Duration::from_millis(moment)).await;
        worker.stop();
        sleep(LEASE + Duration::from_millis(500)).await;
        worker.go_on();
    }
    publisher.abort();
    shop.wait_until_handled().await;
    let (plain, effects) = (shop.plain().await, shop.effects().await);
    println!("plain: {plain}\neffects: {effects}");
    plain.assert_at_least_once();
    effects.assert_exactly_once();
}
