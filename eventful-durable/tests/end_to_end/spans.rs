//! The span of a delivery, and what stands in it.

use std::cell::RefCell;

use eventful::durable::store::Store;
use eventful::durable::testing::Expect;
use eventful::durable::{Memory, MemoryTransaction, TraceContext, trace_with};
use eventful::{Bus, event, handler};
use serde::{Deserialize, Serialize};

use crate::log::{self, Fields, lines_of};
use crate::world::{run, run_after, worker};

#[event(durable, name = "spans.placed")]
#[derive(Serialize, Deserialize)]
struct Placed;

#[event(durable, name = "spans.paid")]
#[derive(Serialize, Deserialize)]
struct Paid;

#[handler(Placed, id = "spans.async", retry(first = "1s"))]
async fn asynchronous(_: &Placed) -> Result<Paid, String> {
    tracing::info!("inside an asynchronous handler");
    tokio::task::yield_now().await;
    tracing::info!("still inside");
    let attempt = eventful::durable::current().and_then(|current| current.attempt);
    match attempt.map(|attempt| attempt.number) {
        Some(1) => Err("the first time".to_owned()),
        _ => Ok(Paid),
    }
}

#[handler(Placed, id = "spans.plain")]
fn plain(_: &Placed) {
    tracing::info!("inside a plain handler");
}

#[handler(Placed, id = "spans.transactional")]
async fn transactional(_: &Placed, _transaction: &mut MemoryTransaction) {
    tracing::info!("inside a transactional handler");
}

#[event(durable, name = "spans.shipped")]
#[derive(Serialize, Deserialize)]
struct Shipped;

#[handler(Paid, id = "spans.caused")]
fn caused(_: &Paid) -> Shipped {
    tracing::info!("inside a handler of a returned event");
    Shipped
}

#[handler(Shipped, id = "spans.last")]
async fn last(_: &Shipped) {
    tracing::info!("inside the last handler of a chain");
}

thread_local! {
    static TRACEPARENT: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// The trace of this thread.
fn context() -> Option<TraceContext> {
    let traceparent = TRACEPARENT.with_borrow(Clone::clone)?;
    Some(TraceContext {
        traceparent,
        tracestate: Some("vendor=1".to_owned()),
    })
}

const TRACE: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

/// The message of each line within the span of this subscription, and that span.
fn inside(subscription: &str) -> Vec<(String, Fields)> {
    let lines = lines_of(subscription).into_iter();
    let inside = lines
        .filter_map(|line| Some((line.fields["message"].clone(), line.spans.first()?.clone())));
    inside
        .filter(|(message, _)| message.contains("inside"))
        .collect()
}

fn span(subscription: &str, event: &str, id: &str, attempt: &str) -> Fields {
    let traceparent = TRACE;
    [
        ("span", "durable_handler"),
        ("subscription", subscription),
        ("event", event),
        ("id", id),
        ("attempt", attempt),
        ("traceparent", traceparent),
    ]
    .map(|(name, value)| (name, value.to_owned()))
    .into()
}

#[tokio::test(start_paused = true)]
async fn what_a_handler_logs_stands_in_the_span_of_its_delivery() {
    log::record();
    trace_with(context);
    let store = Memory::new();
    let bus = Bus::isolated()
        .with(asynchronous)
        .with(plain)
        .with(transactional)
        .with(caused)
        .with(last);
    let worker = worker(&bus.build().unwrap(), &store).await;
    TRACEPARENT.set(Some(TRACE.to_owned()));
    let mut transaction = store.begin();
    Placed.publish(&mut transaction).await.unwrap();
    transaction.commit();
    TRACEPARENT.set(None);
    run(&worker).await;
    run_after(&worker, &store, 1).await;

    let placed = &Expect::of(&store).published("spans.placed", 1).await[0];
    let paid = &Expect::of(&store).published("spans.paid", 1).await[0];
    assert_eq!(placed.headers.traceparent.as_deref(), Some(TRACE));
    assert_eq!(placed.headers.tracestate.as_deref(), Some("vendor=1"));
    assert_eq!(paid.headers.traceparent, placed.headers.traceparent);
    assert_eq!(paid.headers.tracestate, placed.headers.tracestate);
    let id = placed.id.to_string();
    let of = |subscription, attempt| span(subscription, "spans.placed", &id, attempt);
    let line = |message: &str, span| (message.to_owned(), span);
    let (first, second) = (of("spans.async", "1"), of("spans.async", "2"));
    assert_eq!(
        inside("spans.async"),
        [
            line("inside an asynchronous handler", first.clone()),
            line("still inside", first),
            line("inside an asynchronous handler", second.clone()),
            line("still inside", second),
        ]
    );
    let expected = [line("inside a plain handler", of("spans.plain", "1"))];
    assert_eq!(inside("spans.plain"), expected, "on a thread of its own");
    let transactional = of("spans.transactional", "1");
    let expected = [line("inside a transactional handler", transactional)];
    assert_eq!(inside("spans.transactional"), expected);
    let mut caused = span("spans.caused", "spans.paid", &paid.id.to_string(), "1");
    caused.insert("cause", id.clone());
    caused.insert("correlation", id.clone());
    let expected = [line("inside a handler of a returned event", caused)];
    assert_eq!(inside("spans.caused"), expected);
    let shipped = &Expect::of(&store).published("spans.shipped", 1).await[0];
    let mut last = span("spans.last", "spans.shipped", &shipped.id.to_string(), "1");
    last.insert("cause", paid.id.to_string());
    last.insert("correlation", id.clone());
    let expected = [line("inside the last handler of a chain", last)];
    assert_eq!(inside("spans.last"), expected, "it began with the first");
    let states = store.subscriptions().await.unwrap();
    assert!(states.iter().all(|state| state.partitions[0].retries == 0));
}
