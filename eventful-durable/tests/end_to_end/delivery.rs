//! Handlers that run by themselves, of every form.

use std::collections::BTreeSet;
use std::time::Duration;

use eventful::durable::state::{ReplayFrom, replay};
use eventful::durable::store::Store;
use eventful::durable::{Memory, MemoryTransaction, Timestamp, Worker, current};
use eventful::{Bus, Delivery, event, family, handler, handlers};
use serde::{Deserialize, Serialize};

use crate::world::{Trace, partition, run, run_after, state, worker};

#[event(durable, name = "delivery.placed", key = customer, as(dyn Audited))]
#[derive(Serialize, Deserialize)]
struct Placed {
    order: u32,
    customer: u32,
}

#[event(durable, name = "delivery.shipped", as(dyn Audited))]
#[derive(Serialize, Deserialize)]
struct Shipped(u32);

#[event(durable, name = "delivery.reserved")]
#[derive(Serialize, Deserialize)]
struct Reserved(u32);

#[family(durable)]
trait Audited {
    fn line(&self) -> String;
}

impl Audited for Placed {
    fn line(&self) -> String {
        format!("placed {}", self.order)
    }
}

impl Audited for Shipped {
    fn line(&self) -> String {
        format!("shipped {}", self.0)
    }
}

#[handler(Placed, id = "delivery.asynchronous")]
async fn asynchronous(event: &Placed, trace: &Trace) {
    tokio::task::yield_now().await;
    trace.push(format!("asynchronous {}", event.order));
}

#[handler(Placed, id = "delivery.plain", when = |event| event.order != 9)]
fn plain(event: &Placed, trace: &Trace) {
    trace.push(format!("plain {}", event.order));
}

struct Billing(Trace);

#[handlers]
impl Billing {
    #[handler(Placed, id = "delivery.method")]
    async fn invoice(&self, event: &Placed) {
        tokio::task::yield_now().await;
        self.0.push(format!("method {}", event.order));
    }
}

#[handler(dyn Audited, id = "delivery.family")]
fn audit(event: &dyn Audited, trace: &Trace) {
    trace.push(format!("family {}", event.line()));
}

#[handler(Placed, Shipped, id = "delivery.several")]
async fn several<E: Audited>(event: &E, trace: &Trace) {
    trace.push(format!("several {}", event.line()));
}

/// Its effect, its acknowledgement and the event that it returns are committed together.
#[handler(
    Placed,
    id = "delivery.transactional",
    retry(attempts = 2, first = "1s")
)]
async fn transactional(
    event: &Placed,
    transaction: &mut MemoryTransaction,
    trace: &Trace,
) -> Result<Reserved, String> {
    let (order, trace) = (event.order, trace.clone());
    transaction.on_commit(move || trace.push(format!("row {order}")));
    let attempt = current().and_then(|current| current.attempt);
    if order == 2 && attempt.is_some_and(|attempt| attempt.number == 1) {
        return Err("busy".to_owned());
    }
    Ok(Reserved(order))
}

#[handler(Reserved, id = "delivery.reserved")]
fn reserved(event: &Reserved, trace: &Trace) {
    trace.push(format!("reserved {}", event.0));
}

#[handler(Shipped, id = "delivery.old")]
fn old(event: &Shipped, trace: &Trace) {
    trace.push(format!("old {}", event.0));
}

#[handler(Shipped, id = "delivery.renamed", was = "delivery.old")]
fn renamed(event: &Shipped, trace: &Trace) {
    trace.push(format!("renamed {}", event.0));
}

async fn publish(store: &Memory, order: u32) {
    let mut transaction = store.begin();
    let event = Placed { order, customer: 1 };
    event.publish(&mut transaction).await.unwrap();
    transaction.commit();
}

async fn ship(store: &Memory, order: u32) {
    let mut transaction = store.begin();
    Shipped(order).publish(&mut transaction).await.unwrap();
    transaction.commit();
}

#[tokio::test]
async fn r153_each_subscription_handles_the_event_once_whatever_the_form_of_its_handler() {
    let (store, trace) = (Memory::new(), Trace::default());
    let bus = Bus::isolated()
        .with(asynchronous)
        .with(plain)
        .with(Billing::invoice)
        .with(audit)
        .with(several::<Placed>)
        .with(several::<Shipped>)
        .with(transactional)
        .with(reserved)
        .provide(Billing(trace.clone()))
        .provide(trace.clone())
        .build()
        .unwrap();
    let worker = worker(&bus, &store).await;
    publish(&store, 9).await;
    ship(&store, 3).await;
    let lag = partition(&store, "delivery.family").await.lag;
    assert_eq!(lag, 2, "it is in the log before a handler runs");
    run(&worker).await;
    let lines = [
        "asynchronous 9",
        "family placed 9",
        "family shipped 3",
        "method 9",
        "reserved 9",
        "row 9",
        "several placed 9",
        "several shipped 3",
    ];
    assert_eq!(trace.take_sorted(), lines, "the guard holds `plain` back");
    publish(&store, 10).await;
    run(&worker).await;
    let lines = trace.take_sorted();
    assert!(lines.contains(&"plain 10".to_owned()), "{lines:?}");
    assert_eq!(lines.len(), 7, "{lines:?}");
}

#[tokio::test]
async fn r156_handlers_in_the_transaction_and_events_without_handlers_leave_nothing_to_do() {
    let (store, trace) = (Memory::new(), Trace::default());
    let builder = Bus::isolated().with(old).provide(trace.clone());
    let bus = builder.build().unwrap();
    let worker = worker(&bus, &store).await;
    publish(&store, 1).await;
    run(&worker).await;
    let states = store.subscriptions().await.unwrap();
    let ids: BTreeSet<_> = states.iter().map(|state| &*state.id).collect();
    assert_eq!(ids, BTreeSet::from(["delivery.old"]));
    let partition = partition(&store, "delivery.old").await;
    assert_eq!(
        (partition.lag, partition.retries, partition.handled),
        (0, 0, 0)
    );
}

#[tokio::test]
async fn r159_an_effect_an_acknowledgement_and_a_returned_event_are_committed_together() {
    let (store, trace) = (Memory::new(), Trace::default());
    let builder = Bus::isolated().with(transactional).with(reserved);
    let bus = builder.provide(trace.clone()).build().unwrap();
    let worker = worker(&bus, &store).await;
    publish(&store, 2).await;
    run(&worker).await;
    assert_eq!(trace.take(), [""; 0], "rolled back");
    let partition_of = partition(&store, "delivery.transactional").await;
    assert_eq!((partition_of.retries, partition_of.handled), (1, 0));
    run_after(&worker, &store, 1).await;
    assert_eq!(trace.take(), ["row 2", "reserved 2"]);
    let partition_of = partition(&store, "delivery.transactional").await;
    assert_eq!((partition_of.retries, partition_of.handled), (0, 1));
}

#[tokio::test]
async fn r160_a_new_worker_goes_on_where_the_last_one_was_also_under_a_new_id() {
    let (store, trace) = (Memory::new(), Trace::default());
    let builder = Bus::isolated().with(old).provide(trace.clone());
    let first = builder.build().unwrap();
    ship(&store, 1).await;
    let before = worker(&first, &store).await;
    ship(&store, 2).await;
    run(&before).await;
    assert_eq!(
        trace.take_sorted(),
        ["old 2"],
        "the first was published before anybody was registered"
    );
    ship(&store, 3).await;
    drop(before);
    let builder = Bus::isolated().with(renamed).provide(trace.clone());
    let second = builder.build().unwrap();
    run(&worker(&second, &store).await).await;
    assert_eq!(trace.take(), ["renamed 3"]);
    let states = store.subscriptions().await.unwrap();
    assert_eq!(states.len(), 1);
    assert_eq!(state(&store, "delivery.renamed").await.dead, 0);
}

#[tokio::test]
async fn r162_events_of_one_key_come_oldest_first() {
    let (store, trace) = (Memory::new(), Trace::default());
    let builder = Bus::isolated().with(asynchronous).provide(trace.clone());
    let bus = builder.build().unwrap();
    let worker = worker(&bus, &store).await;
    for order in 1..=20 {
        publish(&store, order).await;
    }
    run(&worker).await;
    let lines: Vec<_> = (1..=20).map(|it| format!("asynchronous {it}")).collect();
    assert_eq!(trace.take(), lines);
}

#[tokio::test]
async fn an_event_that_is_published_for_later_comes_when_it_is_due() {
    let (store, trace) = (Memory::new(), Trace::default());
    let builder = Bus::isolated().with(old).provide(trace.clone());
    let bus = builder.build().unwrap();
    let worker = worker(&bus, &store).await;
    let mut transaction = store.begin();
    let later = Timestamp::now() + Duration::from_secs(3600);
    Shipped(1)
        .publish(&mut transaction)
        .at(later)
        .await
        .unwrap();
    transaction.commit();
    ship(&store, 2).await;
    run(&worker).await;
    run_after(&worker, &store, 3500).await;
    assert_eq!(trace.take(), ["old 2"]);
    run_after(&worker, &store, 200).await;
    assert_eq!(trace.take(), ["old 1"]);
}

#[tokio::test]
async fn an_event_under_one_word_is_published_once() {
    let (store, trace) = (Memory::new(), Trace::default());
    let builder = Bus::isolated().with(old).provide(trace.clone());
    let bus = builder.build().unwrap();
    let worker = worker(&bus, &store).await;
    for (order, word) in [(1, "a"), (2, "a"), (3, "b")] {
        let mut transaction = store.begin();
        let event = Shipped(order);
        event.publish(&mut transaction).once(word).await.unwrap();
        transaction.commit();
    }
    run(&worker).await;
    assert_eq!(trace.take_sorted(), ["old 1", "old 3"]);
}

#[tokio::test]
async fn a_worker_that_runs_handles_what_is_committed_while_it_does() {
    let (store, trace) = (Memory::new(), Trace::default());
    let builder = Bus::isolated().with(old).provide(trace.clone());
    let bus = builder.build().unwrap();
    let worker = worker(&bus, &store).await;
    let running: &Worker = &worker;
    let publisher = async {
        ship(&store, 1).await;
        while partition(&store, "delivery.old").await.handled < 1 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    };
    running.run_until(publisher).await.unwrap();
    assert_eq!(trace.take(), ["old 1"]);
}

/// A `&Delivery` is the same for every handler. That the event is a replay, and its publisher, are in `current()`.
fn line_of(event: &Shipped, delivery: &Delivery) -> String {
    let current = current().expect("a durable event is being handled");
    let is_replay = current.attempt.expect("it runs by itself").is_replay;
    let published_at = current.headers.published_at.unwrap_or_default();
    let is_from_here = published_at.starts_with(file!());
    assert!(is_from_here && delivery.published_at().file() != file!());
    format!("{} {} replay {is_replay}", delivery.handler().id(), event.0)
}

#[handler(Shipped, id = "delivery.asynchronous_line")]
async fn asynchronous_line(event: &Shipped, delivery: &Delivery, trace: &Trace) {
    tokio::task::yield_now().await;
    trace.push(line_of(event, delivery));
}

#[handler(Shipped, id = "delivery.plain_line")]
fn plain_line(event: &Shipped, delivery: &Delivery, trace: &Trace) {
    trace.push(line_of(event, delivery));
}

#[tokio::test]
async fn the_current_event_tells_a_handler_of_a_replay_and_of_the_publisher() {
    let (store, trace) = (Memory::new(), Trace::default());
    let builder = Bus::isolated().with(asynchronous_line).with(plain_line);
    let bus = builder.provide(trace.clone()).build().unwrap();
    let worker = worker(&bus, &store).await;
    ship(&store, 1).await;
    run(&worker).await;
    let lines = |replay| {
        let handlers = ["delivery.asynchronous_line", "delivery.plain_line"];
        handlers.map(|handler| format!("{handler} 1 replay {replay}"))
    };
    assert_eq!(trace.take_sorted(), lines(false));
    for handler in ["delivery.asynchronous_line", "delivery.plain_line"] {
        let from = ReplayFrom::Beginning;
        replay(&store, handler, from).await.unwrap();
    }
    run(&worker).await;
    assert_eq!(trace.take_sorted(), lines(true));
}
