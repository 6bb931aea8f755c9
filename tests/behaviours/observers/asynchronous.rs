//! Observers of asynchronous publishes.

use std::future::{Future, pending};
use std::pin::Pin;
use std::task::{Context, Waker};

use eventful::{Bus, event, handler};
use expect_test::expect;

use super::{Paid, Scribe, paid};
use crate::Trace;

#[event(async)]
struct Sent(bool);

#[event(async, concurrent)]
struct SentTogether;

#[handler(Sent, order = 1)]
async fn waits(event: &Sent) -> Option<Paid> {
    if event.0 {
        pending::<()>().await;
    }
    tokio::task::yield_now().await;
    Some(Paid)
}

#[handler(Sent, order = 2, when = |event| event.0)]
async fn skipped(_: &Sent) {}

#[handler(SentTogether)]
async fn first(_: &SentTogether) -> Result<(), String> {
    tokio::task::yield_now().await;
    tokio::task::yield_now().await;
    Err("first".to_owned())
}

#[handler(SentTogether)]
async fn second(_: &SentTogether) {
    tokio::task::yield_now().await;
}

fn bus(trace: &Trace) -> Bus {
    Bus::isolated()
        .with(waits)
        .with(skipped)
        .with(first)
        .with(second)
        .with(paid)
        .observe(Scribe(trace.clone()))
        .spawner(|task| drop(tokio::spawn(task)))
        .build()
        .unwrap()
}

#[tokio::test(flavor = "current_thread")]
async fn asynchronous_publishes_and_those_of_hand_overs_are_told_as_well() {
    let trace = Trace::default();
    let bus = bus(&trace);
    bus.publish(&Sent(false)).await.unwrap();
    let awaited = trace.take();
    expect![[r"
        publish Sent
          begin Sent in waits
          handled Sent in waits
          begin Sent in skipped
          skipped Sent in skipped
        delivered Sent: 1 handled, 1 skipped
        publish Paid because of waits
          begin Paid in paid because of waits
          handled Paid in paid because of waits
        delivered Paid: 1 handled, 0 skipped because of waits"]]
    .assert_eq(&awaited);
    bus.hand_over(Sent(false)).unwrap();
    bus.drained().await;
    assert_eq!(trace.take(), awaited);
}

#[tokio::test(flavor = "current_thread")]
async fn handlers_that_run_together_start_and_end_in_between_each_other() {
    let trace = Trace::default();
    bus(&trace).publish(&SentTogether).await.unwrap_err();
    expect![[r"
        publish SentTogether
          begin SentTogether in first
          begin SentTogether in second
          handled SentTogether in second
          failed SentTogether in first: first
        failed SentTogether: 1 failed"]]
    .assert_eq(&trace.take());
}

#[test]
fn a_publish_that_is_dropped_is_cancelled() {
    let trace = Trace::default();
    let bus = bus(&trace);
    let event = Sent(true);
    let mut publishing = bus.publish(&event);
    let mut context = Context::from_waker(Waker::noop());
    assert!(Pin::new(&mut publishing).poll(&mut context).is_pending());
    drop(publishing);
    expect![[r"
        publish Sent
          begin Sent in waits
          cancelled Sent in waits
        cancelled Sent: cancelled"]]
    .assert_eq(&trace.take());
}
