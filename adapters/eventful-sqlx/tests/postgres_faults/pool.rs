//! A program that uses all connections of its pool.

use std::time::{Duration, Instant};

use crate::notices::Notices;
use crate::server::TestDatabase;
use crate::shop::{CONNECTIONS, Shop, pool};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_worker_goes_on_when_the_pool_has_connections_again() {
    let Some(database) = TestDatabase::create().await else {
        return;
    };
    let pool = pool().acquire_timeout(Duration::from_secs(1));
    let shop = Shop::open_on(pool.connect_lazy_with(database.options())).await;
    let notices = Notices::default();
    let worker = shop
        .worker_with(|builder| builder.observe(notices.clone()))
        .await;
    shop.publish_many(20).await;
    shop.wait_until_handled().await;
    shop.gates.effects.shut();
    shop.publish_at_once(30).await;
    shop.gates.effects.wait_for(1).await;
    shop.gates.effects.open();
    let mut used = Vec::new();
    while used.len() < usize::try_from(CONNECTIONS).expect("it is small") {
        if let Ok(connection) = shop.pool.acquire().await {
            used.push(connection);
        }
    }
    let mut beside = database.pool.begin().await.expect("the server answers");
    for key in 31..=60 {
        let event = shop.publish_in(&mut beside, key).await;
        event.expect("the server takes events");
    }
    beside.commit().await.expect("the server commits");
    let began = Instant::now();
    while !notices.has("all connections of the pool are in use") {
        assert!(began.elapsed() < Duration::from_mins(1), "{notices:?}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    drop(used);
    shop.wait_until_handled().await;
    shop.plain().await.assert_at_least_once();
    shop.effects().await.assert_exactly_once();
    worker.stop().await;
}
