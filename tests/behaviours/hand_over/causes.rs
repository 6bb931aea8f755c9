//! The causes of what handlers hand over, and the bus of its handlers.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use eventful::{Bus, Delivery, HandOverTask, Refusal, event, handler};
use expect_test::expect;

use super::Kept;
use crate::Trace;
use crate::executor::{block_on, yield_now};

#[event]
struct Placed;

/// Returned by a handler of `Placed`.
#[event]
struct Reserved;

#[event(async)]
struct Mailed;

#[event]
struct Counted;

fn tell(delivery: &Delivery, trace: &Trace) {
    let name = |name: &str| name.rsplit("::").next().unwrap_or_default().to_owned();
    let causes = delivery.causes();
    let chain = causes.iter().map(|cause| name(cause.handler().id()));
    trace.add(format!(
        "{} because of {:?}",
        name(delivery.event_name()),
        chain.collect::<Vec<_>>()
    ));
}

#[handler(Placed)]
fn reserve(_: &Placed) -> Reserved {
    Reserved
}

#[handler(Reserved)]
fn hand_over_mail(_: &Reserved, bus: &Bus) -> Result<(), eventful::HandOverError> {
    bus.hand_over(Mailed).map(drop)
}

#[handler(Mailed, order = 1)]
async fn mail(_: &Mailed, delivery: &Delivery, trace: &Trace) -> Counted {
    tell(delivery, trace);
    yield_now().await;
    // On the bus of the delivery.
    Counted.publish().unwrap();
    Counted
}

#[handler(Counted)]
fn count(_: &Counted, delivery: &Delivery, trace: &Trace) {
    tell(delivery, trace);
}

fn bus(trace: &Trace, spawner: impl Fn(HandOverTask) + Send + Sync + 'static) -> Bus {
    Bus::isolated()
        .with(reserve)
        .with(hand_over_mail)
        .with(mail)
        .with(count)
        .provide(trace.clone())
        .spawner(spawner)
        .build()
        .unwrap()
}

#[test]
fn r70_what_a_handler_hands_over_has_the_handler_and_its_causes_as_its_cause() {
    let (trace, kept) = (Trace::default(), Kept::default());
    let bus = bus(&trace, kept.spawner());
    bus.publish(&Placed).unwrap();
    kept.run_one();
    expect![[r#"
        Mailed because of ["hand_over_mail", "reserve"]
        Counted because of ["mail", "hand_over_mail", "reserve"]
        Counted because of ["mail", "hand_over_mail", "reserve"]"#]]
    .assert_eq(&trace.take());
}

#[test]
fn what_nobodys_handler_hands_over_has_no_cause() {
    let (trace, kept) = (Trace::default(), Kept::default());
    let bus = bus(&trace, kept.spawner());
    bus.scope(|| bus.hand_over(Mailed)).unwrap();
    kept.run_one();
    expect![[r#"
        Mailed because of []
        Counted because of ["mail"]
        Counted because of ["mail"]"#]]
    .assert_eq(&trace.take());
}

#[test]
fn a_spawner_that_runs_the_task_at_once_changes_no_cause() {
    let trace = Trace::default();
    let bus = bus(&trace, block_on);
    bus.publish(&Placed).unwrap();
    expect![[r#"
        Mailed because of ["hand_over_mail", "reserve"]
        Counted because of ["mail", "hand_over_mail", "reserve"]
        Counted because of ["mail", "hand_over_mail", "reserve"]"#]]
    .assert_eq(&trace.take());
}

#[event(async)]
struct Endless;

#[handler(Endless)]
async fn again(_: &Endless, bus: &Bus, delivery: &Delivery, trace: &Trace) {
    trace.add(delivery.causes().len().to_string());
    let nested = bus.hand_over(Endless).unwrap().await;
    if let Err(error) = nested {
        let is_too_deep = error.refusal().is_some_and(Refusal::is_nesting_limit);
        trace.add(format!("too deep: {is_too_deep}"));
    }
}

#[test]
fn a_spawner_that_runs_the_task_at_once_comes_to_the_nesting_limit() {
    let trace = Trace::default();
    let bus = Bus::isolated()
        .with(again)
        .provide(trace.clone())
        .spawner(block_on)
        .nesting_limit(4)
        .build()
        .unwrap();
    bus.hand_over(Endless).unwrap();
    assert_eq!(trace.take(), "0\n1\n2\n3\ntoo deep: true");
}

#[event(async)]
struct Beat(u32);

#[handler(Beat)]
async fn beat(event: &Beat, bus: &Bus, delivery: &Delivery, longest: &AtomicUsize) {
    longest.fetch_max(delivery.causes().len(), Ordering::Relaxed);
    if event.0 > 0 {
        bus.hand_over(Beat(event.0 - 1)).unwrap();
    }
}

#[test]
fn a_chain_of_hand_overs_remembers_a_number_of_causes_and_no_more() {
    let (kept, longest) = (Kept::default(), Arc::new(AtomicUsize::new(0)));
    let bus = Bus::isolated()
        .with(beat)
        .provide_arc(Arc::clone(&longest))
        .spawner(kept.spawner())
        .build()
        .unwrap();
    bus.hand_over(Beat(1000)).unwrap();
    while kept.len() > 0 {
        kept.run_one();
    }
    assert_eq!(longest.load(Ordering::Relaxed), 128);
}
