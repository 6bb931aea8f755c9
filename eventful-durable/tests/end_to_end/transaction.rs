//! The transaction of the publish.

use std::error::Error;

use eventful::durable::store::Store;
use eventful::durable::{AppendError, Appends, Memory, MemoryTransaction, Worker, current};
use eventful::{Bus, PublishError, event, handler};
use serde::{Deserialize, Serialize};

use crate::world::{Trace, partition, run, run_after, worker};

#[event(durable, name = "transaction.placed", key = |_| "one")]
#[derive(Serialize, Deserialize)]
struct Placed(u32);

#[event(durable, name = "transaction.noted")]
#[derive(Serialize, Deserialize)]
struct Noted(u32);

/// After the commit.
#[handler(Placed, id = "transaction.mail")]
async fn mail(event: &Placed, trace: &Trace) -> Result<(), String> {
    let attempt = current().and_then(|current| current.attempt);
    let attempt = attempt.map_or(0, |attempt| attempt.number);
    if event.0 == 50 && attempt == 1 {
        trace.push("no mail 50");
        return Err("no mail".to_owned());
    }
    trace.push(format!("mail {}", event.0));
    Ok(())
}

/// Now.
#[handler(Placed, in_transaction, when = |event| event.0 != 0)]
async fn limit(
    event: &Placed,
    transaction: &mut MemoryTransaction,
    trace: &Trace,
) -> Result<(), String> {
    let (number, at_commit) = (event.0, trace.clone());
    trace.push(format!("limit {number}"));
    transaction.on_commit(move || at_commit.push(format!("row {number}")));
    match number {
        13 => Err("thirteen".to_owned()),
        _ => Ok(()),
    }
}

/// After the commit, with a transaction of its own.
#[handler(Placed, id = "transaction.follow", when = |event| event.0 == 7)]
async fn follow(event: &Placed, store: &Memory, trace: &Trace) -> Result<(), AppendError> {
    let mut transaction = store.begin();
    Noted(event.0).publish(&mut transaction).await?;
    transaction.commit();
    trace.push("followed");
    Ok(())
}

#[handler(Noted, id = "transaction.noted")]
fn noted(event: &Noted, trace: &Trace) {
    let caused = current().is_some_and(|current| current.headers.cause.is_some());
    trace.push(format!("noted {}, caused: {caused}", event.0));
}

struct Shop {
    store: Memory,
    trace: Trace,
    bus: Bus,
    worker: Worker,
}

impl Shop {
    async fn open() -> Self {
        let (store, trace) = (Memory::new(), Trace::default());
        let builder = Bus::isolated()
            .with(mail)
            .with(limit)
            .with(follow)
            .with(noted);
        let builder = builder.provide(trace.clone()).provide(store.clone());
        let bus = builder.build().unwrap();
        let worker = worker(&bus, &store).await;
        Self {
            store,
            trace,
            bus,
            worker,
        }
    }

    /// Does what is to be done now. Returns the lines that are new.
    async fn run(&self) -> Vec<String> {
        run(&self.worker).await;
        self.trace.take()
    }

    async fn publish(
        &self,
        number: u32,
        transaction: &mut MemoryTransaction,
    ) -> Result<(), AppendError> {
        let event = Placed(number);
        self.bus.scope_async(event.publish(transaction)).await
    }

    async fn publish_and_commit(&self, number: u32) {
        let mut transaction = self.store.begin();
        self.publish(number, &mut transaction).await.unwrap();
        transaction.commit();
    }
}

#[tokio::test]
async fn r129_a_handler_runs_once_after_the_commit_and_not_before() {
    let shop = Shop::open().await;
    let mut transaction = shop.store.begin();
    shop.publish(1, &mut transaction).await.unwrap();
    assert_eq!(shop.run().await, ["limit 1"]);
    transaction.commit();
    assert_eq!(shop.run().await, ["row 1", "mail 1"]);
    assert_eq!(shop.run().await, [""; 0]);
}

#[tokio::test]
async fn r130_what_is_rolled_back_is_never_delivered() {
    let shop = Shop::open().await;
    let mut rolled_back = shop.store.begin();
    shop.publish(1, &mut rolled_back).await.unwrap();
    rolled_back.rollback();
    let mut dropped = shop.store.begin();
    shop.publish(2, &mut dropped).await.unwrap();
    drop(dropped);
    let mut committed = shop.store.begin();
    shop.publish(3, &mut committed).await.unwrap();
    shop.trace.take();
    committed.commit();
    assert_eq!(shop.run().await, ["row 3", "mail 3"]);
}

#[tokio::test]
async fn r131_a_savepoint_that_is_kept_waits_for_the_outermost_commit() {
    let shop = Shop::open().await;
    let mut transaction = shop.store.begin();
    transaction.savepoint().await.unwrap();
    transaction.savepoint().await.unwrap();
    shop.publish(1, &mut transaction).await.unwrap();
    transaction.release_savepoint().await.unwrap();
    assert_eq!(shop.run().await, ["limit 1"]);
    transaction.release_savepoint().await.unwrap();
    assert_eq!(shop.run().await, [""; 0]);
    transaction.commit();
    assert_eq!(shop.run().await, ["row 1", "mail 1"]);
}

#[tokio::test]
async fn r132_a_savepoint_that_is_rolled_back_discards_what_is_in_it_and_nothing_else() {
    let shop = Shop::open().await;
    let mut transaction = shop.store.begin();
    shop.publish(1, &mut transaction).await.unwrap();
    transaction.savepoint().await.unwrap();
    shop.publish(2, &mut transaction).await.unwrap();
    transaction.savepoint().await.unwrap();
    shop.publish(3, &mut transaction).await.unwrap();
    transaction.release_savepoint().await.unwrap();
    transaction.roll_back_to_savepoint().await.unwrap();
    transaction.savepoint().await.unwrap();
    shop.publish(4, &mut transaction).await.unwrap();
    transaction.release_savepoint().await.unwrap();
    shop.trace.take();
    transaction.commit();
    assert_eq!(shop.run().await, ["row 1", "row 4", "mail 1", "mail 4"]);
}

#[tokio::test]
async fn r133_a_rollback_discards_what_kept_savepoints_have_written() {
    let shop = Shop::open().await;
    let mut transaction = shop.store.begin();
    transaction.savepoint().await.unwrap();
    shop.publish(1, &mut transaction).await.unwrap();
    transaction.release_savepoint().await.unwrap();
    transaction.rollback();
    assert_eq!(shop.run().await, ["limit 1"]);
}

#[tokio::test]
async fn r136_events_of_one_key_come_in_the_order_of_the_publishes_across_savepoints() {
    let shop = Shop::open().await;
    let mut transaction = shop.store.begin();
    shop.publish(1, &mut transaction).await.unwrap();
    transaction.savepoint().await.unwrap();
    shop.publish(2, &mut transaction).await.unwrap();
    transaction.release_savepoint().await.unwrap();
    shop.publish(3, &mut transaction).await.unwrap();
    transaction.commit();
    shop.trace.take();
    assert_eq!(shop.run().await, ["mail 1", "mail 2", "mail 3"]);
}

#[tokio::test]
async fn r138_a_handler_sees_what_was_committed_and_publishes_in_a_transaction_of_its_own() {
    let shop = Shop::open().await;
    shop.publish_and_commit(7).await;
    let lines = shop.run().await;
    assert_eq!(lines[..2], ["limit 7", "row 7"]);
    assert!(lines.contains(&"followed".to_owned()), "{lines:?}");
    assert!(
        lines.contains(&"noted 7, caused: true".to_owned()),
        "{lines:?}"
    );
}

#[tokio::test]
async fn r140_a_failing_handler_undoes_nothing_and_is_tried_again_by_itself() {
    let shop = Shop::open().await;
    shop.publish_and_commit(50).await;
    assert_eq!(shop.run().await, ["limit 50", "row 50", "no mail 50"]);
    assert_eq!(partition(&shop.store, "transaction.follow").await.lag, 0);
    run_after(&shop.worker, &shop.store, 2).await;
    assert_eq!(shop.trace.take(), ["mail 50"]);
}

#[tokio::test]
async fn r143_a_handler_in_the_transaction_that_fails_fails_the_publish() {
    let shop = Shop::open().await;
    let mut transaction = shop.store.begin();
    shop.publish(1, &mut transaction).await.unwrap();
    let error = shop.publish(13, &mut transaction).await.unwrap_err();
    let cause = error.source().unwrap().downcast_ref::<PublishError>();
    assert_eq!(cause.unwrap().failures()[0].message(), "thirteen");
    // The caller commits all the same: what the failed publish wrote is gone.
    transaction.commit();
    assert_eq!(shop.run().await, ["limit 1", "limit 13", "row 1", "mail 1"]);
}

#[tokio::test]
async fn r146_transactions_are_independent_of_each_other() {
    let shop = Shop::open().await;
    let (mut first, mut second) = (shop.store.begin(), shop.store.begin());
    shop.publish(1, &mut first).await.unwrap();
    shop.publish(2, &mut second).await.unwrap();
    shop.trace.take();
    first.rollback();
    assert_eq!(shop.run().await, [""; 0]);
    second.commit();
    assert_eq!(shop.run().await, ["row 2", "mail 2"]);
}

#[tokio::test]
async fn r148_each_handler_says_if_it_runs_before_or_after_the_commit() {
    let shop = Shop::open().await;
    // Only what runs after the commit is a subscription.
    let states = shop.store.subscriptions().await.unwrap();
    let ids: Vec<_> = states.iter().map(|state| &*state.id).collect();
    assert_eq!(
        ids,
        [
            "transaction.follow",
            "transaction.mail",
            "transaction.noted"
        ]
    );
    let mut transaction = shop.store.begin();
    shop.publish(1, &mut transaction).await.unwrap();
    assert_eq!(shop.trace.take(), ["limit 1"]);
    transaction.commit();
    assert_eq!(shop.run().await, ["row 1", "mail 1"]);
}

#[tokio::test]
async fn r152_guards_hold_for_handlers_in_the_transaction_and_after_it() {
    let shop = Shop::open().await;
    shop.publish_and_commit(0).await;
    assert_eq!(shop.run().await, ["mail 0"], "neither `limit` nor `follow`");
}
