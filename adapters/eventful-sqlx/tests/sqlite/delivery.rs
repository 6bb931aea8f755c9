//! Events of a shop on their way from its transactions to its handlers.

use std::time::Duration;

use eventful::durable::store::{DeadFilter, Store};
use eventful::durable::{Timestamp, Worker};
use eventful::event;
use serde::{Deserialize, Serialize};

use crate::shop::{Outage, Shop};

#[tokio::test]
async fn effects_come_after_the_commit_and_once() {
    let shop = Shop::open(Outage::of(3)).await;
    let worker = shop.worker().await;
    for order in 1..=3 {
        shop.place(order, "ann").await.expect("the order is placed");
    }
    let mut lines = Vec::new();
    while lines.len() < 6 {
        // Idle is a worker whose retries are not due yet.
        worker.run_until_idle().await.expect("the store works");
        lines.extend(shop.lines.take());
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    lines.sort();
    assert_eq!(
        lines,
        ["mail 1", "mail 2", "mail 3", "pick 1", "pick 2", "pick 3"]
    );
    assert_eq!(shop.count("SELECT count(*) FROM stock").await, 3);
    assert_eq!(shop.count("SELECT count(*) FROM eventful_retry").await, 0);
    assert_eq!(shop.count("SELECT count(*) FROM eventful_done").await, 0);
}

#[tokio::test]
async fn a_handler_in_the_transaction_rolls_the_publish_back() {
    let shop = Shop::open(Outage::default()).await;
    let worker = shop.worker().await;
    for order in 1..=3 {
        shop.place(order, "bob").await.expect("the order is placed");
    }
    let refused = shop
        .place(4, "bob")
        .await
        .expect_err("it is over the limit");
    let source = std::error::Error::source(&refused).expect("the handler's error is behind it");
    assert!(source.to_string().contains("bob has enough"), "{source}");
    worker.run_until_idle().await.expect("the store works");
    assert_eq!(shop.count("SELECT count(*) FROM orders").await, 3);
    assert_eq!(shop.count("SELECT count(*) FROM stock").await, 3);
}

#[tokio::test]
async fn another_process_goes_on_where_the_first_one_was() {
    let shop = Shop::open(Outage::default()).await;
    shop.worker().await;
    for order in 1..=3 {
        shop.place(order, "ann").await.expect("the order is placed");
    }
    // Another worker over other connections: nothing of the first one is in memory.
    let worker = shop.worker().await;
    worker.run_until_idle().await.expect("the store works");
    assert_eq!(shop.count("SELECT count(*) FROM stock").await, 3);
    let worker = shop.worker().await;
    worker.run_until_idle().await.expect("the store works");
    assert_eq!(shop.lines.take().len(), 6);
}

/// Two workers at once share the events, and publishers wake both without a word.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_workers_share_the_work() {
    let shop = Shop::open(Outage::default()).await;
    let (first, second) = (shop.worker().await, shop.worker().await);
    let handles = [first.handle(), second.handle()];
    let running = [first, second].map(|worker: Worker| {
        tokio::spawn(async move { worker.run_until(std::future::pending()).await })
    });
    for order in 1..=200 {
        shop.place(order, &format!("customer {order}"))
            .await
            .expect("the order is placed");
    }
    let mut lines = Vec::new();
    for _ in 0..1_000 {
        lines.extend(shop.lines.take());
        if lines.len() >= 400 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    for handle in handles {
        handle.stop(Duration::from_secs(5)).await;
    }
    for worker in running {
        worker
            .await
            .expect("the worker does not panic")
            .expect("the worker stops");
    }
    lines.extend(shop.lines.take());
    lines.sort();
    lines.dedup();
    assert_eq!(lines.len(), 400);
    assert_eq!(shop.count("SELECT count(*) FROM stock").await, 200);
}

#[event(durable, name = "shop.reminder")]
#[derive(Serialize, Deserialize)]
struct Reminder;

#[tokio::test]
async fn a_publish_by_the_store_is_one_transaction() {
    let shop = Shop::open(Outage::default()).await;
    shop.file
        .store()
        .publish(&Reminder)
        .await
        .expect("it is published");
    let count = shop
        .count("SELECT count(*) FROM eventful_events WHERE name = 'shop.reminder'")
        .await;
    assert_eq!(count, 1);
    let line = shop
        .count("SELECT headers LIKE '%delivery.rs%' FROM eventful_events")
        .await;
    assert_eq!(line, 1, "the line is that of the caller");
}

#[tokio::test]
async fn options_of_a_publish_are_kept() {
    let shop = Shop::open(Outage::default()).await;
    let mut transaction = shop
        .file
        .pool
        .begin_with("BEGIN IMMEDIATE")
        .await
        .expect("it begins");
    let soon = Timestamp::now() + Duration::from_millis(200);
    Reminder
        .publish(&mut transaction)
        .at(soon)
        .await
        .expect("it is published");
    for _ in 0..2 {
        let once = Reminder.publish(&mut transaction).once("november");
        once.await.expect("it is published");
    }
    transaction.commit().await.expect("it commits");
    assert_eq!(shop.count("SELECT count(*) FROM eventful_log").await, 1);
    let store = shop.file.store();
    tokio::time::sleep(Duration::from_millis(250)).await;
    store.advance().await.expect("the store works");
    assert_eq!(shop.count("SELECT count(*) FROM eventful_log").await, 2);
    let dead = store
        .dead_letters(&DeadFilter::default())
        .await
        .expect("the store works");
    assert!(dead.is_empty());
}
