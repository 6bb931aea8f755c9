//! A snapshot that a transaction holds, so that the server cannot remove old versions of the cursors.

use std::time::{Duration, Instant};

use crate::fault_time;
use crate::server::TestDatabase;
use crate::shop::Shop;

/// The events of one measurement.
const EVENTS: i64 = 1_000;

/// Drains events in small batches. Returns acknowledgements a second.
async fn drain(shop: &Shop) -> f64 {
    let acknowledgements = async || -> i64 {
        let updates = "SELECT n_tup_upd FROM pg_stat_user_tables WHERE relid = 'eventful.partition'::regclass";
        let updates = sqlx::query_scalar(updates).fetch_one(&shop.pool).await;
        updates.expect("the view can be read")
    };
    let (began, before) = (Instant::now(), acknowledgements().await);
    shop.import(EVENTS).await;
    shop.wait_until_acknowledged().await;
    let elapsed = began.elapsed();
    // The server counts at most once a second.
    tokio::time::sleep(Duration::from_millis(1_100)).await;
    let count = acknowledgements().await - before;
    f64::from(u32::try_from(count).expect("it grows")) / elapsed.as_secs_f64()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_snapshot_that_is_held_stops_nobody() {
    let Some(database) = TestDatabase::create().await else {
        return;
    };
    let shop = Shop::open(database.options()).await;
    let worker = shop.worker_with(|builder| builder.batch(5, 1 << 20)).await;
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
    let text: Vec<_> = rates.iter().map(|rate| format!("{rate:.0}")).collect();
    println!(
        "acknowledgements a second, before and while a snapshot is held for {:?}: {}; {size} bytes",
        began.elapsed(),
        text.join(", ")
    );
    shop.wait_until_handled().await;
    shop.plain().await.assert_at_least_once();
    shop.effects().await.assert_exactly_once();
    worker.stop().await;
}
