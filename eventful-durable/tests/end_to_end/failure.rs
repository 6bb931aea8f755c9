//! Retries, dead letters, and what people do about them.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use eventful::durable::observe::{DurableObserver, Notice};
use eventful::durable::store::{DeadFilter, FailureKind, Store};
use eventful::durable::testing::Expect;
use eventful::durable::{HandlerError, Memory, RetryPolicy, Settings, Worker, current};
use eventful::{Bus, event, handler, on_dead};
use serde::{Deserialize, Serialize};

use crate::world::{Trace, dead, partition, run, run_after, state, worker};

#[event(durable, name = "failure.placed", key = customer)]
#[derive(Serialize, Deserialize)]
struct Placed {
    order: u32,
    customer: u32,
}

#[event(durable, name = "failure.call_wanted")]
#[derive(Serialize, Deserialize)]
struct CallWanted(u32);

/// Set when what makes the handler fail for good is mended.
#[derive(Clone, Default)]
struct Mended(Arc<AtomicBool>);

#[handler(Placed, id = "failure.confirm", retry(attempts = 3, first = "1s"))]
async fn confirm(event: &Placed, trace: &Trace, mended: &Mended) -> Result<(), HandlerError> {
    let attempt = current().and_then(|current| current.attempt);
    let attempt = attempt.map_or(0, |attempt| attempt.number);
    trace.push(format!("confirm {} {attempt}", event.order));
    match event.order {
        2 if attempt < 3 => Err("no number".parse::<u8>().unwrap_err().into()),
        3 if !mended.0.load(Ordering::Relaxed) => Err(HandlerError::permanent("no such mailbox")),
        4 if attempt < 2 => Err(HandlerError::retry_in(
            Duration::from_secs(60),
            "greylisted",
        )),
        5 if attempt < 2 => panic!("a bug"),
        6 => Err("always".into()),
        _ => Ok(()),
    }
}

#[on_dead("failure.confirm")]
fn call_instead(event: &Placed) -> CallWanted {
    CallWanted(event.order)
}

#[handler(CallWanted, id = "failure.call")]
fn call(event: &CallWanted, trace: &Trace) {
    trace.push(format!("call {}", event.0));
}

#[handler(Placed, id = "failure.stock")]
async fn stock(event: &Placed, trace: &Trace) {
    trace.push(format!("stock {}", event.order));
}

/// It wants what no memory lends.
#[handler(Placed, id = "failure.elsewhere")]
async fn elsewhere(_: &Placed, _connection: &mut Vec<u8>) {}

struct Shop {
    store: Memory,
    trace: Trace,
    mended: Mended,
    bus: Bus,
}

impl Shop {
    fn new() -> Self {
        let (store, trace, mended) = (Memory::new(), Trace::default(), Mended::default());
        let builder = Bus::isolated()
            .with(confirm)
            .with(call_instead)
            .with(call)
            .with(stock);
        let builder = builder.provide(trace.clone()).provide(mended.clone());
        let bus = builder.build().unwrap();
        Self {
            store,
            trace,
            mended,
            bus,
        }
    }

    async fn publish(&self, order: u32, customer: u32) {
        let mut transaction = self.store.begin();
        let event = Placed { order, customer };
        event.publish(&mut transaction).await.unwrap();
        transaction.commit();
    }
}

fn of(subscription: &str) -> DeadFilter {
    DeadFilter {
        subscription: Some(subscription.to_owned()),
        ..DeadFilter::default()
    }
}

#[tokio::test]
async fn r154_a_failing_handler_is_tried_again_alone_and_its_key_waits() {
    let shop = Shop::new();
    let worker = worker(&shop.bus, &shop.store).await;
    shop.publish(2, 1).await;
    shop.publish(7, 1).await;
    shop.publish(8, 2).await;
    run(&worker).await;
    let lines = [
        "confirm 2 1",
        "confirm 8 1",
        "stock 2",
        "stock 7",
        "stock 8",
    ];
    assert_eq!(shop.trace.take_sorted(), lines);
    assert_eq!(partition(&shop.store, "failure.stock").await.handled, 3);
    run_after(&worker, &shop.store, 1).await;
    assert_eq!(shop.trace.take(), ["confirm 2 2"]);
    run_after(&worker, &shop.store, 2).await;
    assert_eq!(shop.trace.take(), ["confirm 2 3", "confirm 7 1"]);
    let partition = partition(&shop.store, "failure.confirm").await;
    assert_eq!((partition.retries, partition.handled), (0, 3));
}

#[tokio::test]
async fn r155_a_dead_letter_that_is_retried_runs_for_its_handler_alone() {
    let shop = Shop::new();
    let worker = worker(&shop.bus, &shop.store).await;
    shop.publish(3, 1).await;
    shop.publish(6, 2).await;
    run(&worker).await;
    run_after(&worker, &shop.store, 1).await;
    run_after(&worker, &shop.store, 2).await;
    assert_eq!(state(&shop.store, "failure.confirm").await.dead, 2);
    shop.trace.take();
    let mut filter = of("failure.confirm");
    filter.key = Some("1".to_owned());
    assert_eq!(shop.store.retry_dead(&filter).await.unwrap(), 1);
    run(&worker).await;
    assert_eq!(shop.trace.take_sorted(), ["call 3", "confirm 3 1"]);
    assert_eq!(state(&shop.store, "failure.confirm").await.dead, 2);
    shop.mended.0.store(true, Ordering::Relaxed);
    assert_eq!(shop.store.retry_dead(&filter).await.unwrap(), 1);
    run(&worker).await;
    assert_eq!(shop.trace.take(), ["confirm 3 1"]);
    assert_eq!(state(&shop.store, "failure.confirm").await.dead, 1);
}

#[tokio::test]
async fn r163_dead_letters_and_counts_are_what_is_stored() {
    let shop = Shop::new();
    let worker = worker(&shop.bus, &shop.store).await;
    for (order, customer) in [(3, 1), (2, 2), (3, 3)] {
        shop.publish(order, customer).await;
    }
    run(&worker).await;
    let everything = dead(&shop.store, &DeadFilter::default()).await;
    let keys: Vec<_> = everything
        .iter()
        .map(|it| it.envelope.key.clone())
        .collect();
    assert_eq!(keys, [Some("1".to_owned()), Some("3".to_owned())]);
    let letter = &everything[0];
    assert_eq!(&*letter.subscription, "failure.confirm");
    assert_eq!(letter.attempts, 1);
    assert_eq!(letter.reason, "the handler says that no retry can cure it");
    assert_eq!(letter.failures[0].text, "no such mailbox");
    let mut page = of("failure.confirm");
    page.limit = Some(1);
    assert_eq!(dead(&shop.store, &page).await.len(), 1);
    assert!(dead(&shop.store, &of("failure.unknown")).await.is_empty());
    assert!(dead(&shop.store, &of("failure.stock")).await.is_empty());
    let partition_of = partition(&shop.store, "failure.confirm").await;
    assert_eq!((partition_of.retries, partition_of.lag), (1, 0));
    assert_eq!(shop.store.discard_dead(&page).await.unwrap(), 1);
    assert_eq!(state(&shop.store, "failure.confirm").await.dead, 1);
}

#[tokio::test]
async fn r166_what_is_done_and_old_is_removed_and_nothing_that_waits() {
    const DAY: Duration = Duration::from_secs(24 * 60 * 60);
    let shop = Shop::new();
    let worker = worker(&shop.bus, &shop.store).await;
    for (order, customer) in [(1, 1), (2, 2), (7, 3), (8, 4)] {
        shop.publish(order, customer).await;
    }
    run(&worker).await;
    let young = shop.store.trim(7 * DAY, 100).await.unwrap();
    assert_eq!(young.removed, 0);
    shop.store.move_clock(8 * DAY);
    let held = shop.store.trim(7 * DAY, 100).await.unwrap();
    assert_eq!(held.removed, 1, "the second waits for its retry");
    let (partition, _) = held.held_by.unwrap();
    assert_eq!(partition.to_string(), "failure.confirm");
    run(&worker).await;
    run_after(&worker, &shop.store, 2).await;
    let trimmed = shop.store.trim(7 * DAY, 100).await.unwrap();
    assert_eq!(trimmed.removed, 2, "the last event of a log stays");
    assert_eq!(
        shop.trace.take_sorted()[..3],
        ["confirm 1 1", "confirm 2 1", "confirm 2 2"]
    );
}

#[tokio::test]
async fn r173_every_fault_of_a_worker_is_found_when_it_is_built() {
    let shop = Shop::new();
    let bus = shop.bus.derive().with(elsewhere).build().unwrap();
    let builder = Worker::builder(&bus, shop.store.clone());
    let error = builder.only("nothing.*").build().await.unwrap_err();
    let faults: Vec<_> = error.faults().collect();
    assert_eq!(faults.len(), 3, "{faults:?}");
    assert!(
        faults[0].starts_with(
            "`failure.elsewhere` wants `&mut alloc::vec::Vec<u8>`, but this store lends `&mut "
        ),
        "{faults:?}"
    );
    assert!(
        faults[1]
            .starts_with("`only(\"nothing.*\")` fits no handler; the handlers are failure.call, "),
        "{faults:?}"
    );
    assert_eq!(faults[2], "`only` and `except` leave no handler");
}

#[tokio::test]
async fn r174_the_settings_of_the_worker_win_over_those_of_the_handler() {
    let shop = Shop::new();
    let settings = Settings {
        retry: RetryPolicy {
            attempts: Some(1),
            ..RetryPolicy::default()
        },
        ..Settings::default()
    };
    let builder = Worker::builder(&shop.bus, shop.store.clone());
    let built = builder.settings("failure.*", settings).build().await;
    let worker = built.unwrap();
    shop.publish(2, 1).await;
    run(&worker).await;
    let letters = dead(&shop.store, &DeadFilter::default()).await;
    assert_eq!(letters[0].reason, "all 1 attempts have failed");
}

#[tokio::test]
async fn r178_what_is_done_about_a_dead_letter_gets_the_event() {
    let shop = Shop::new();
    let worker = worker(&shop.bus, &shop.store).await;
    shop.publish(6, 1).await;
    for seconds in [0, 1, 2] {
        run_after(&worker, &shop.store, seconds).await;
    }
    let lines = [
        "stock 6",
        "confirm 6 1",
        "confirm 6 2",
        "confirm 6 3",
        "call 6",
    ];
    let mut trace = shop.trace.take();
    trace.sort_by_key(|line| !line.starts_with("stock"));
    assert_eq!(trace, lines);
    let letters = dead(&shop.store, &DeadFilter::default()).await;
    assert_eq!(letters[0].attempts, 3);
    let texts = letters[0].failures.iter().map(|failure| &*failure.text);
    assert_eq!(texts.collect::<Vec<_>>(), ["always"; 3]);
}

#[tokio::test]
async fn each_death_of_an_event_is_told_to_what_is_done_about_it() {
    let shop = Shop::new();
    let worker = worker(&shop.bus, &shop.store).await;
    shop.publish(3, 1).await;
    for deaths in 1..=3 {
        run(&worker).await;
        let calls = Expect::of(&shop.store).published("failure.call_wanted", deaths);
        let causes: BTreeSet<_> = calls.await.iter().map(|call| call.headers.cause).collect();
        let letters = dead(&shop.store, &DeadFilter::default()).await;
        assert_eq!(
            letters.len(),
            1,
            "a later death takes the place of the earlier one"
        );
        let event = letters[0].envelope.id;
        assert_eq!(causes, BTreeSet::from([Some(event)]));
        shop.store.retry_dead(&of("failure.confirm")).await.unwrap();
    }
    shop.mended.0.store(true, Ordering::Relaxed);
    run(&worker).await;
    let calls = Expect::of(&shop.store).published("failure.call_wanted", 3);
    calls.await;
    assert!(dead(&shop.store, &DeadFilter::default()).await.is_empty());
}

/// The notices about events in hand.
struct Notices(Trace);

impl DurableObserver for Notices {
    fn noticed(&self, notice: &Notice<'_>) {
        match notice {
            Notice::Handled { event, .. } => self.0.push(format!("{} done", event.attempts)),
            Notice::Retried { event, error, .. } => {
                self.0.push(format!("{} failed: {error}", event.attempts));
            }
            _ => {}
        }
    }
}

#[tokio::test]
async fn r150_an_observer_sees_each_attempt_with_its_error() {
    let shop = Shop::new();
    let seen = Trace::default();
    let builder = Worker::builder(&shop.bus, shop.store.clone());
    let builder = builder
        .only("failure.confirm")
        .observe(Notices(seen.clone()));
    let worker = builder.build().await.unwrap();
    shop.publish(2, 1).await;
    for seconds in [0, 1, 2] {
        run_after(&worker, &shop.store, seconds).await;
    }
    let error = "invalid digit found in string";
    let first = format!("1 failed: {error}");
    let second = format!("2 failed: {error}");
    assert_eq!(seen.take(), [&*first, &*second, "3 done"]);
}

#[tokio::test]
async fn a_handler_says_when_it_is_tried_again() {
    let shop = Shop::new();
    let worker = worker(&shop.bus, &shop.store).await;
    shop.publish(4, 1).await;
    run(&worker).await;
    run_after(&worker, &shop.store, 55).await;
    assert_eq!(shop.trace.take_sorted(), ["confirm 4 1", "stock 4"]);
    run_after(&worker, &shop.store, 6).await;
    assert_eq!(shop.trace.take(), ["confirm 4 2"]);
}

#[tokio::test]
async fn a_panic_is_a_failed_attempt() {
    let shop = Shop::new();
    let once = RetryPolicy {
        attempts: Some(1),
        ..RetryPolicy::default()
    };
    let settings = Settings {
        retry: once,
        ..Settings::default()
    };
    shop.publish(1, 1).await;
    let worker = worker(&shop.bus, &shop.store).await;
    shop.publish(5, 1).await;
    run(&worker).await;
    run_after(&worker, &shop.store, 1).await;
    assert_eq!(
        shop.trace.take_sorted(),
        ["confirm 5 1", "confirm 5 2", "stock 5"]
    );
    let builder = Worker::builder(&shop.bus, shop.store.clone());
    let strict = builder.settings("*", settings).build().await.unwrap();
    shop.publish(5, 1).await;
    run(&strict).await;
    let letters = dead(&shop.store, &DeadFilter::default()).await;
    assert_eq!(letters[0].failures[0].kind, FailureKind::Panicked);
    assert_eq!(letters[0].failures[0].text, "a bug");
}
