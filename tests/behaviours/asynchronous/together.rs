//! Concurrent events, whose handlers run together.

use eventful::{Bus, Delivery, event, handler};
use expect_test::expect;

use crate::executor::{block_on, yield_now};
use crate::trace::{Trace, failures};

#[event(async, concurrent)]
struct Raced;

#[handler(Raced, order = 1)]
async fn slow(_: &Raced, trace: &Trace) -> Result<(), String> {
    for step in 1..=3 {
        trace.add(format!("slow {step}"));
        yield_now().await;
    }
    Err(String::from("slow"))
}

#[handler(Raced, order = 2)]
fn immediate(_: &Raced, trace: &Trace) {
    trace.add("immediate");
}

#[handler(Raced, order = 3)]
async fn quick(_: &Raced, trace: &Trace) -> Result<(), String> {
    trace.add("quick");
    yield_now().await;
    Err(String::from("quick"))
}

#[handler(Raced, order = 4)]
async fn large(_: &Raced, trace: &Trace, delivery: &Delivery) {
    // The futures lie beside each other: one of them is large and asks for an alignment.
    #[repr(align(64))]
    struct Aligned([u8; 1000]);

    let aligned = Aligned([7; 1000]);
    let address = (&raw const aligned).addr();
    yield_now().await;
    assert_eq!(((&raw const aligned).addr(), address % 64), (address, 0));
    assert!(aligned.0.iter().all(|byte| *byte == 7));
    trace.add(
        delivery
            .handler()
            .id()
            .replace("behaviours::asynchronous::together::", ""),
    );
}

#[test]
fn handlers_that_run_together_begin_in_order_and_are_reported_in_order() {
    let trace = Trace::default();
    let bus = Bus::isolated()
        .provide(trace.clone())
        .with(large)
        .with(quick)
        .with(immediate)
        .with(slow)
        .build()
        .unwrap();
    let error = block_on(bus.publish(&Raced)).unwrap_err();
    expect![[r"
        slow 1
        immediate
        quick
        slow 2
        large
        slow 3"]]
    .assert_eq(&trace.take());
    expect![[r"
        slow, panic false: slow
        quick, panic false: quick"]]
    .assert_eq(&failures(&error));
    assert_eq!(error.delivered().handled(), 4);
}

#[test]
fn handlers_that_run_together_see_their_own_names() {
    #[event(async, concurrent)]
    struct Named;

    #[handler(Named)]
    async fn one(_: &Named, delivery: &Delivery, trace: &Trace) {
        for _ in 0..3 {
            assert!(delivery.handler().id().ends_with("one"));
            yield_now().await;
        }
        trace.add(format!("{:?}", delivery.handler().id().rsplit("::").next()));
    }

    #[handler(Named)]
    async fn two(_: &Named, delivery: &Delivery, trace: &Trace) {
        for _ in 0..2 {
            assert!(delivery.handler().id().ends_with("two"));
            yield_now().await;
        }
        trace.add(format!("{:?}", delivery.handler().id().rsplit("::").next()));
    }

    let trace = Trace::default();
    let bus = Bus::isolated()
        .provide(trace.clone())
        .with(one)
        .with(two)
        .build()
        .unwrap();
    block_on(bus.publish(&Named)).unwrap();
    assert_eq!(trace.take(), "Some(\"two\")\nSome(\"one\")");
}
