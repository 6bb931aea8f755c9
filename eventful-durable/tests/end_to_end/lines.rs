//! One line of the log for each thing that a person may have to know.

use std::time::Duration;

use eventful::durable::observe::{DurableObserver, Notice};
use eventful::durable::store::{Acquire, Partition, Store, Token};
use eventful::durable::{HandlerError, Memory, MemoryTransaction, Worker};
use eventful::{Bus, BusBuilder, event, handler};
use serde::{Deserialize, Serialize};
use tokio::time::sleep;
use tracing::Level;

use crate::log::{self, lines_of, texts_of};
use crate::world::{Trace, run, run_after, worker};

#[event(durable, name = "lines.placed", key = key)]
#[derive(Serialize, Deserialize)]
struct Placed {
    key: u32,
}

#[handler(Placed, id = "lines.fails", retry(attempts = 3, first = "1s"))]
async fn fails(_: &Placed) -> Result<(), HandlerError> {
    Err("no connection".into())
}

#[handler(Placed, id = "lines.slow")]
async fn slow(_: &Placed, _transaction: &mut MemoryTransaction) {
    sleep(Duration::from_millis(1_500)).await;
}

#[handler(Placed, id = "lines.long", timeout = "300s")]
async fn long(_: &Placed) {
    sleep(Duration::from_secs(25)).await;
}

#[handler(Placed, id = "lines.crashes", timeout = "300s")]
async fn crashes(_: &Placed) {
    sleep(Duration::from_secs(20)).await;
}

#[handler(Placed, id = "lines.observed", retry(attempts = 2, first = "1s"))]
async fn observed(event: &Placed, trace: &Trace) -> Result<(), HandlerError> {
    trace.push(event.key.to_string());
    match event.key {
        1 => Err("no connection".into()),
        _ => Ok(()),
    }
}

/// A store of its own, so that nobody says that its subscriptions are unclaimed.
async fn world(bus: BusBuilder) -> (Memory, Worker) {
    log::record();
    let store = Memory::new();
    let worker = worker(&bus.build().unwrap(), &store).await;
    (store, worker)
}

async fn publish(store: &Memory, key: u32) {
    let mut transaction = store.begin();
    Placed { key }.publish(&mut transaction).await.unwrap();
    transaction.commit();
}

#[tokio::test(start_paused = true)]
async fn each_retry_and_each_dead_letter_has_one_line() {
    let (store, worker) = world(Bus::isolated().with(fails)).await;
    publish(&store, 1).await;
    for seconds in [0, 1, 2, 60] {
        run_after(&worker, &store, seconds).await;
    }
    let retried = "WARN the handler has failed, and is tried again";
    let died = "ERROR the event is a dead letter";
    assert_eq!(texts_of("lines.fails"), [retried, retried, died]);
    let mut lines = lines_of("lines.fails");
    lines.retain(|line| line.level < Level::DEBUG);
    for (number, line) in (1..).zip(&lines) {
        assert_eq!(line.fields["attempts"], format!("{number}"));
        assert_eq!(line.fields["error"], "no connection");
        assert_eq!(line.fields["event"], "lines.placed");
    }
    assert_eq!(lines[2].fields["reason"], "all 3 attempts have failed");
}

#[tokio::test(start_paused = true)]
async fn a_slow_transaction_has_one_line() {
    let (store, worker) = world(Bus::isolated().with(slow)).await;
    publish(&store, 1).await;
    run(&worker).await;
    let slow = "WARN the handler has held its transaction for long";
    assert_eq!(texts_of("lines.slow"), [slow]);
}

#[tokio::test(start_paused = true)]
async fn a_lost_lease_has_one_line() {
    let (store, worker) = world(Bus::isolated().with(long)).await;
    let handle = worker.handle();
    let robber = async {
        publish(&store, 1).await;
        sleep(Duration::from_secs(1)).await;
        store.move_clock(Duration::from_secs(31));
        let acquire = Acquire {
            partition: Partition::first_of("lines.long"),
            token: Token::fresh(),
            worker: uuid::Uuid::nil(),
            ttl: Duration::from_secs(60),
        };
        let lease = store.acquire(&acquire).await.unwrap().unwrap();
        sleep(Duration::from_secs(30)).await;
        store.release(&[lease.held]).await.unwrap();
        sleep(Duration::from_secs(30)).await;
        handle.stop(Duration::from_secs(1)).await;
    };
    let (stopped, ()) = tokio::join!(worker.run_until(std::future::pending()), robber);
    stopped.unwrap();
    let lost = "WARN the lease is lost: what was running may be done again by another worker";
    assert_eq!(texts_of("lines.long"), [lost]);
}

#[tokio::test(start_paused = true)]
async fn a_crash_that_is_found_has_one_line() {
    let (store, worker) = world(Bus::isolated().with(crashes)).await;
    publish(&store, 1).await;
    let killed = worker.run_until(std::future::pending());
    let killed = tokio::time::timeout(Duration::from_secs(1), killed).await;
    killed.expect_err("it runs until it is killed");
    run_after(&worker, &store, 31).await;
    run(&worker).await;
    let found = "WARN the worker before has died: events are noted before they run";
    assert_eq!(texts_of("lines.crashes"), [found]);
}

#[event(durable, name = "lines.panicking", key = |_| "one")]
#[derive(Serialize, Deserialize)]
struct Panicking;

#[handler(Panicking, id = "lines.panics", retry(attempts = 1))]
async fn panics(_: &Panicking) {
    panic!("no connection")
}

#[tokio::test(start_paused = true)]
async fn an_attempt_that_panics_has_one_line() {
    let (store, worker) = world(Bus::isolated().with(panics)).await;
    let mut transaction = store.begin();
    Panicking.publish(&mut transaction).await.unwrap();
    transaction.commit();
    run(&worker).await;
    let died = "ERROR the event is a dead letter";
    assert_eq!(texts_of("lines.panics"), [died]);
}

#[event(durable, name = "lines.checked", key = |_| "one")]
#[derive(Serialize, Deserialize)]
struct Checked {
    hangs: bool,
}

#[handler(Checked, in_transaction, id = "lines.check")]
async fn check(event: &Checked) {
    if event.hangs {
        std::future::pending::<()>().await;
    }
    panic!("no limit")
}

/// No worker tells of a handler in the publisher's transaction.
#[tokio::test(start_paused = true)]
async fn a_handler_in_the_transaction_has_a_line_as_in_every_publish() {
    log::record();
    let store = Memory::new();
    let bus = Bus::isolated().with(check).build().unwrap();
    let mut transaction = store.begin();
    let panics = Checked { hangs: false };
    let failed = bus.scope_async(panics.publish(&mut transaction)).await;
    failed.unwrap_err();
    assert_eq!(texts_of("lines.check").len(), 1);
    assert!(texts_of("lines.check")[0].starts_with("ERROR "));

    let hangs = Checked { hangs: true };
    let dropped = bus.scope_async(hangs.publish(&mut transaction));
    let dropped = tokio::time::timeout(Duration::from_secs(1), dropped).await;
    dropped.unwrap_err();
    assert_eq!(texts_of("lines.check")[1], "WARN publish dropped half-way");
}

/// An observer that nobody has tested.
struct Panics;

impl DurableObserver for Panics {
    fn noticed(&self, notice: &Notice<'_>) {
        let is_routine = matches!(notice, Notice::LeaseTaken { .. });
        assert!(is_routine, "a bug of the observer");
    }
}

#[tokio::test(start_paused = true)]
async fn an_observer_that_panics_ends_nothing() {
    log::record();
    let (store, trace) = (Memory::new(), Trace::default());
    let bus = Bus::isolated().with(observed).provide(trace.clone());
    let builder = Worker::builder(&bus.build().unwrap(), store.clone());
    let worker = builder.observe(Panics).build().await.unwrap();
    publish(&store, 1).await;
    publish(&store, 2).await;
    run(&worker).await;
    run_after(&worker, &store, 1).await;
    assert_eq!(trace.take_sorted(), ["1", "1", "2"]);
    let panicked = "ERROR an observer of the worker has panicked";
    let texts = texts_of("a bug of the observer");
    // A retry, a dead letter, and an event that was handled.
    assert_eq!(texts, [panicked; 3]);
}
