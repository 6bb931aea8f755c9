//! Transactions that are prepared, and committed later.

use sqlx::PgPool;

use crate::server::Cluster;
use crate::shop::Shop;
use crate::verdict::Event;

const SETTINGS: &[(&str, &str)] = &[("max_prepared_transactions", "5")];

/// Prepares a transaction with two events of a key.
async fn prepare(shop: &Shop, key: i64) -> Vec<Event> {
    let mut transaction = shop.pool.begin().await.expect("the server answers");
    let mut events = Vec::new();
    for _ in 0..2 {
        let event = shop.publish_in(&mut transaction, key).await;
        events.push(event.expect("the server takes events"));
    }
    sqlx::raw_sql("PREPARE TRANSACTION 'prepared'")
        .execute(&mut *transaction)
        .await
        .expect("the server prepares");
    // There is none any more on this connection.
    transaction
        .rollback()
        .await
        .expect("the server only warns of it");
    events
}

async fn end(pool: &PgPool, statement: &'static str) {
    let ended = sqlx::raw_sql(statement).execute(pool).await;
    ended.expect("the server knows it");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_prepared_transaction_is_delivered_when_it_is_committed() {
    let Some(mut cluster) = Cluster::create(SETTINGS).await else {
        return;
    };
    let shop = Shop::open(cluster.options()).await;
    let worker = shop.worker().await;
    let prepared = prepare(&shop, 100).await;
    shop.publish_many(20).await;
    // Nobody waits for it.
    shop.wait_until_handled().await;
    shop.plain().await.assert_at_least_once();
    shop.effects().await.assert_exactly_once();
    assert_eq!(shop.committed().await.len(), 20);
    cluster.restart_immediate().await;
    shop.publish_many(20).await;
    shop.wait_until_handled().await;
    end(&shop.pool, "COMMIT PREPARED 'prepared'").await;
    shop.wait_until_handled().await;
    shop.plain().await.assert_at_least_once();
    shop.effects().await.assert_exactly_once();
    let keys: Vec<String> = sqlx::query_scalar("SELECT key FROM eventful.events ORDER BY position")
        .fetch_all(&shop.pool)
        .await
        .expect("the view can be read");
    assert_eq!(keys.len(), 42);
    assert_eq!(keys[40..], ["100", "100"], "it comes last");
    let of_key: Vec<Event> = shop.lines.read();
    let of_key: Vec<Event> = of_key.into_iter().filter(|(key, _)| *key == 100).collect();
    assert_eq!(of_key, prepared);
    worker.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_prepared_transaction_that_is_rolled_back_is_not_delivered() {
    let Some(cluster) = Cluster::create(SETTINGS).await else {
        return;
    };
    let shop = Shop::open(cluster.options()).await;
    let worker = shop.worker().await;
    prepare(&shop, 100).await;
    shop.publish_many(10).await;
    end(&shop.pool, "ROLLBACK PREPARED 'prepared'").await;
    shop.publish_many(10).await;
    shop.publish(100).await.expect("its key is free again");
    shop.wait_until_handled().await;
    shop.plain().await.assert_at_least_once();
    shop.effects().await.assert_exactly_once();
    assert_eq!(shop.committed().await.len(), 21);
    worker.stop().await;
}
