//! A snapshot that a transaction holds, so that the server cannot remove old versions of the cursors.

use std::time::{Duration, Instant};

use crate::fault_time;
use crate::server::TestDatabase;
use crate::shop::Shop;

/// The events of one measurement.
const EVENTS: i64 = 1_000;
const BATCH: usize = 5;

/// Drains events in small batches. Returns events a second. Each of the two subscriptions acknowledges each batch.
async fn drain(shop: &Shop) -> u64 {
    shop.import(EVENTS).await;
    let began = Instant::now();
    // A cursor lags behind positions alone.
    shop.wait_until_positioned().await;
    shop.wait_until_acknowledged().await;
    let millis = began.elapsed().as_millis().max(1);
    u64::try_from(1_000 * u128::from(EVENTS.unsigned_abs()) / millis).expect("it is small")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_snapshot_that_is_held_stops_nobody() {
    let Some(database) = TestDatabase::create().await else {
        return;
    };
    let shop = Shop::open(database.options()).await;
    let worker = shop
        .worker_with(|builder| builder.batch(BATCH, 1 << 20))
        .await;
    let mut rates = vec![drain(&shop).await];
    let mut holder = database
        .pool
        .begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ")
        .await;
    let holder = holder.as_mut().expect("the server answers");
    sqlx::query("SELECT FROM business LIMIT 1")
        .execute(&mut **holder)
        .await
        .expect("the table can be read");
    let began = Instant::now();
    while began.elapsed() < fault_time(Duration::from_secs(8)) {
        rates.push(drain(&shop).await);
    }
    let size: i64 = sqlx::query_scalar("SELECT pg_table_size('eventful.partition')")
        .fetch_one(&shop.pool)
        .await
        .expect("the table is there");
    println!(
        "events a second in batches of {BATCH}, before and while a snapshot is held for {:?}: {rates:?}; {size} bytes",
        began.elapsed(),
    );
    shop.wait_until_handled().await;
    shop.plain().await.assert_at_least_once();
    shop.effects().await.assert_exactly_once();
    worker.stop().await;
}
