//! Functions for dead letters, and their mistakes.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use eventful::durable::store::DeadFilter;
use eventful::durable::testing::{Expect, Fault, FaultyStore, Step};
use eventful::durable::{
    BoxFuture, Envelope, HandlerError, Memory, OnDead, Worker, registered_subscriptions,
};
use eventful::{Bus, event, handler, on_dead};
use serde::{Deserialize, Serialize};

use crate::log::{self, lines_of, texts_of};
use crate::world::{Trace, dead, partition, run};

#[event(durable, name = "on_dead.placed", key = key)]
#[derive(Serialize, Deserialize)]
struct Placed {
    key: u32,
    number: u32,
}

#[event(durable, name = "on_dead.refunded")]
#[derive(Serialize, Deserialize)]
struct Refunded(u32);

/// It gives up each event with the number 1.
#[handler(Placed, id = "on_dead.bill")]
async fn bill(event: &Placed, trace: &Trace) -> Result<(), HandlerError> {
    trace.push(format!("bill {} {}", event.key, event.number));
    match event.number {
        1 => Err(HandlerError::permanent("no money")),
        _ => Ok(()),
    }
}

#[on_dead("on_dead.bill")]
async fn refund(event: &Placed) -> Result<Refunded, String> {
    match event.key {
        1 => Err("no account".to_owned()),
        2 => panic!("a bug"),
        key => Ok(Refunded(key)),
    }
}

struct Shop {
    store: Memory,
    trace: Trace,
    bus: Bus,
}

impl Shop {
    fn new() -> Self {
        log::record();
        let (store, trace) = (Memory::new(), Trace::default());
        let bus = Bus::isolated().with(bill).with(refund);
        let bus = bus.provide(trace.clone()).build().unwrap();
        Self { store, trace, bus }
    }

    /// Publishes an event that dies, and one behind it.
    async fn publish(&self, key: u32) {
        for number in [1, 2] {
            let mut transaction = self.store.begin();
            let event = Placed { key, number };
            event.publish(&mut transaction).await.unwrap();
            transaction.commit();
        }
    }

    /// Asserts that the dead letter is there, and that its key goes on.
    async fn assert_goes_on(&self, id: &str, key: u32) {
        let lines = [1, 2].map(|number| format!("bill {key} {number}"));
        assert_eq!(self.trace.take(), lines);
        let letters = dead(&self.store, &DeadFilter::default()).await;
        assert_eq!(letters.len(), 1);
        assert_eq!(letters[0].failures[0].text, "no money");
        let row = partition(&self.store, id).await;
        assert_eq!((row.retries, row.lag, row.handled), (0, 0, 1));
    }
}

#[tokio::test(start_paused = true)]
async fn what_compensates_is_appended_with_the_dead_letter() {
    let shop = Shop::new();
    let together = Arc::new(AtomicUsize::new(0));
    let counted = together.clone();
    let store = FaultyStore::new(shop.store.clone(), move |step| match step {
        // The first one is lost: what it had goes with the second.
        Step::Acknowledge(it) if !it.dead.is_empty() => {
            let appended = it.append.iter().map(|append| &*append.envelope.name);
            assert_eq!(appended.collect::<Vec<_>>(), ["on_dead.refunded"]);
            match counted.fetch_add(1, Ordering::Relaxed) {
                0 => Fault::FailsBefore,
                _ => Fault::None,
            }
        }
        Step::Acknowledge(it) => {
            assert!(it.append.is_empty(), "it comes with its dead letter only");
            Fault::None
        }
        _ => Fault::None,
    });
    let worker = Worker::builder(&shop.bus, store).build().await.unwrap();
    shop.publish(3).await;
    run(&worker).await;
    run(&worker).await;
    assert_eq!(together.load(Ordering::Relaxed), 2);
    let refunds = Expect::of(&shop.store).published("on_dead.refunded", 1);
    let letters = dead(&shop.store, &DeadFilter::default()).await;
    let cause = refunds.await[0].headers.cause;
    assert_eq!(cause, Some(letters[0].envelope.id));
    assert_eq!(partition(&shop.store, "on_dead.bill").await.handled, 1);
}

#[tokio::test(start_paused = true)]
async fn a_function_for_dead_letters_that_fails_or_panics_publishes_nothing_and_says_so() {
    for (key, error) in [(1, "no account"), (2, "a bug")] {
        let shop = Shop::new();
        let worker = Worker::builder(&shop.bus, shop.store.clone());
        let worker = worker.build().await.unwrap();
        shop.publish(key).await;
        run(&worker).await;
        shop.assert_goes_on("on_dead.bill", key).await;
        Expect::of(&shop.store)
            .published("on_dead.refunded", 0)
            .await;
        let id = dead(&shop.store, &DeadFilter::default()).await[0]
            .envelope
            .id;
        let mut lines = lines_of(&id.to_string());
        lines.retain(|line| line.fields["message"].contains("the function for a dead letter"));
        let [line] = &*lines else {
            panic!("{lines:#?}")
        };
        assert_eq!(line.level, tracing::Level::ERROR);
        assert!(line.fields["message"].contains(error), "{line:?}");
    }
}

/// One that a team has written by hand.
enum ByHand {
    Panics,
    Hangs,
}

impl OnDead for ByHand {
    fn on_dead<'a>(&'a self, _: Arc<Envelope>, _: &'a str) -> BoxFuture<'a, Vec<Envelope>> {
        match self {
            Self::Panics => panic!("a bug"),
            Self::Hangs => Box::pin(std::future::pending()),
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_function_for_dead_letters_that_never_ends_does_not_block_its_subscription() {
    let cases = [
        ("on_dead.panics", ByHand::Panics, "a bug"),
        (
            "on_dead.hangs",
            ByHand::Hangs,
            "it took longer than the handler's timeout of 60s",
        ),
    ];
    for (id, by_hand, error) in cases {
        let shop = Shop::new();
        let mut subscriptions = registered_subscriptions(&shop.bus).unwrap();
        id.clone_into(&mut subscriptions[0].id);
        subscriptions[0].on_dead = Some(Arc::new(by_hand));
        let builder = Worker::builder(subscriptions, shop.store.clone());
        let worker = builder.build().await.unwrap();
        shop.publish(4).await;
        run(&worker).await;
        shop.assert_goes_on(id, 4).await;
        let event = dead(&shop.store, &DeadFilter::default()).await[0]
            .envelope
            .id;
        let failed = "ERROR the function for a dead letter has failed, and publishes nothing";
        let died = "ERROR the event is a dead letter";
        assert_eq!(texts_of(&event.to_string()), [died, failed]);
        let lines = lines_of(&event.to_string());
        assert!(
            lines
                .iter()
                .any(|line| line.fields.get("error").is_some_and(|it| it == error))
        );
    }
}
