//! Events that are due at once, and two workers that append them.

use eventful::durable::Timestamp;
use eventful::durable::store::Store as _;

use std::time::Duration;

use crate::fault;
use crate::server::TestDatabase;
use crate::shop::{Counted, Shop};
use crate::verdict::Verdict;

const EVENTS: i64 = 3_000;
const KEYS: i64 = 10;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_workers_keep_the_order_of_a_key() {
    let Some(database) = TestDatabase::create().await else {
        return;
    };
    let shop = Shop::open(database.options()).await;
    // Late enough for all to be scheduled before.
    let first = Timestamp::now() + Duration::from_secs(20);
    let mut transaction = shop.pool.begin().await.expect("the server answers");
    let mut scheduled = Vec::new();
    // They are scheduled in another order than that in which they are due.
    for number in (0..EVENTS).map(|index| index * 7 % EVENTS) {
        let key = number % KEYS;
        let event = Counted { key, number };
        let due_at = first + Duration::from_millis(number.unsigned_abs());
        let publish = event.publish(&mut transaction).at(due_at);
        publish.await.expect("the server takes events");
        scheduled.push((key, number));
    }
    // Now: the clock of the server cannot be moved.
    sqlx::query("UPDATE eventful.scheduled SET due_at = due_at - interval '1 minute'")
        .execute(&mut *transaction)
        .await
        .expect("the table can be written");
    transaction.commit().await.expect("the server commits");
    let (one, other) = (shop.store(), shop.store());
    let move_on = async |store: eventful::store::Postgres| loop {
        let advanced = store.advance().await.expect("the server answers");
        if advanced.end.position.0 >= EVENTS {
            return;
        }
    };
    tokio::join!(move_on(one), move_on(other));
    let appended: Vec<(i64, i64)> = sqlx::query_as(
        "SELECT (payload::json->>'key')::bigint, (payload::json->>'number')::bigint
         FROM eventful.events ORDER BY position",
    )
    .fetch_all(&shop.pool)
    .await
    .expect("the view can be read");
    Verdict::of(&scheduled, &appended).assert_exactly_once();
}

#[tokio::test]
async fn a_worker_that_skips_what_is_locked_loses_the_order() {
    let test = "schedule::two_workers_keep_the_order_of_a_key";
    fault::finds("postgres: skip locked", test, "overtaken").await;
}
