//! A transactional handler that keeps others waiting.

use std::time::{Duration, Instant};

use eventful::durable::Worker;
use eventful::{Bus, event, handler};
use serde::{Deserialize, Serialize};
use sqlx::SqliteConnection;

use crate::support::TestFile;

#[event(durable, name = "slow.placed")]
#[derive(Serialize, Deserialize)]
struct Placed(u32);

#[handler(Placed, id = "slow.sleep", retry(attempts = 3, first = "10ms"))]
async fn sleep(_: &Placed, file: &mut SqliteConnection) -> Result<(), sqlx::Error> {
    sqlx::query("INSERT INTO effects DEFAULT VALUES")
        .execute(file)
        .await?;
    tokio::time::sleep(Duration::from_secs(10)).await;
    Ok(())
}

/// The timeout of a transactional handler is 2 seconds. The rest is for a machine that is busy: without the timeout,
/// the publisher's connection gives up after 5 seconds, sqlx's default.
const BOUND: Duration = Duration::from_millis(4_500);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_publisher_waits_longer_than_the_bound() {
    let file = TestFile::migrated().await;
    sqlx::query("CREATE TABLE effects (id INTEGER PRIMARY KEY)")
        .execute(&file.pool)
        .await
        .expect("the table can be made");
    let bus = Bus::isolated()
        .with(sleep)
        .build()
        .expect("the bus can be built");
    let worker = Worker::builder(&bus, file.store())
        .build()
        .await
        .expect("the worker can be built");
    let handle = worker.handle();
    let running = tokio::spawn(async move { worker.run_until(std::future::pending()).await });
    let (began, mut longest, mut number) = (Instant::now(), Duration::ZERO, 0);
    while began.elapsed() < Duration::from_secs(10) {
        let publish_began = Instant::now();
        let mut transaction = file
            .pool
            .begin_with("BEGIN IMMEDIATE")
            .await
            .expect("nobody gives up waiting");
        Placed(number)
            .publish(&mut transaction)
            .await
            .expect("it is published");
        transaction.commit().await.expect("it commits");
        longest = longest.max(publish_began.elapsed());
        number += 1;
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    handle.stop(Duration::from_secs(5)).await;
    running
        .await
        .expect("the worker does not panic")
        .expect("the worker stops");
    assert!(
        longest > Duration::from_millis(500),
        "nobody had to wait: {longest:?}"
    );
    assert!(
        longest < BOUND,
        "a publisher waited {longest:?}, {number} publishes"
    );
    let effects: i64 = sqlx::query_scalar("SELECT count(*) FROM effects")
        .fetch_one(&file.pool)
        .await
        .expect("the file can be read");
    assert_eq!(effects, 0, "a handler that ran out of time has no effect");
}
