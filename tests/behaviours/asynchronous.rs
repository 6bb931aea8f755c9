//! Events whose publish is awaited.

mod closures;
mod current;
mod failures;
mod forms;
mod nesting;
mod polls;
mod together;

use std::pin::pin;
use std::task::{Context, Poll, Waker};

use eventful::{event, handler};
use expect_test::expect;

use crate::Trace;
use crate::executor::{block_on, yield_now};

#[event(async)]
struct Shipped;

#[handler(Shipped, order = 1)]
async fn later(_: &Shipped, trace: &Trace) {
    trace.add("later begins");
    yield_now().await;
    trace.add("later ends");
}

#[handler(Shipped, order = 2)]
fn now(_: &Shipped, trace: &Trace) {
    trace.add("now");
}

#[handler(Shipped, order = 3)]
async fn fails_later(_: &Shipped, trace: &Trace) -> Result<(), String> {
    yield_now().await;
    trace.add("fails later");
    Err(String::from("no stamp"))
}

#[handler(Shipped, order = 4)]
fn fails_now(_: &Shipped, trace: &Trace) -> Result<(), String> {
    trace.add("fails now");
    Err(String::from("no address"))
}

#[handler(Shipped, order = 5)]
async fn last(_: &Shipped, trace: &Trace) {
    yield_now().await;
    trace.add("last");
}

#[test]
fn r66_a_publish_is_complete_when_all_handlers_are() {
    let (trace, builder) = Trace::with_bus();
    let bus = builder
        .with(later)
        .with(now)
        .with(fails_later)
        .with(fails_now)
        .with(last)
        .build()
        .unwrap();
    let mut publishing = pin!(bus.publish(&Shipped));
    let mut context = Context::from_waker(Waker::noop());
    loop {
        match publishing.as_mut().poll(&mut context) {
            Poll::Pending => trace.add("- waits"),
            Poll::Ready(result) => break trace.report(&result),
        }
    }
    expect![[r"
        later begins
        - waits
        later ends
        now
        - waits
        fails later
        fails now
        - waits
        last
        report: 5 handled; fails_later failed: no stamp; fails_now failed: no address"]]
    .assert_eq(&trace.take());
}

#[test]
fn r67_an_event_with_asynchronous_handlers_does_nothing_until_it_is_awaited_and_then_everything() {
    // An `async fn` on a synchronous event does not compile: `async_on_a_synchronous_event` in `tests/ui/handler/fail`.
    let (trace, builder) = Trace::with_bus();
    let bus = builder.with(later).with(now).build().unwrap();
    let publishing = bus.publish(&Shipped);
    trace.add("published");
    trace.report(&block_on(publishing));
    expect![[r"
        published
        later begins
        later ends
        now
        report: 2 handled"]]
    .assert_eq(&trace.take());
}

#[cfg(feature = "tracing")]
#[test]
fn r67_a_publish_that_is_never_awaited_says_so() {
    let (trace, builder) = Trace::with_bus();
    let bus = builder.with(later).with(now).build().unwrap();
    crate::log_recorder::log_to(&trace, || drop(bus.publish(&Shipped)));
    expect![[r#"WARN publish dropped before it began: event="asynchronous::Shipped""#]]
        .assert_eq(&trace.take());
}

#[test]
fn r68_an_asynchronous_handler_that_fails_or_panics_stops_nobody() {
    #[handler(Shipped, order = -3)]
    async fn panics_at_once(_: &Shipped, trace: &Trace) {
        trace.add("panics at once");
        panic!("at once");
    }

    #[handler(Shipped, order = -2)]
    async fn panics_later(_: &Shipped, trace: &Trace) {
        yield_now().await;
        trace.add("panics later");
        panic!("later");
    }

    let (trace, builder) = Trace::with_bus();
    let bus = builder
        .with(panics_at_once)
        .with(panics_later)
        .with(fails_later)
        .with(last)
        .build()
        .unwrap();
    for _ in 0..2 {
        trace.report(&block_on(bus.publish(&Shipped)));
        expect![[r"
            panics at once
            panics later
            fails later
            last
            report: 4 handled; panics_at_once panicked: at once; panics_later panicked: later; fails_later failed: no stamp"]]
        .assert_eq(&trace.take());
    }
}

#[test]
fn r73_handlers_of_a_concurrent_event_run_together_each_once_and_synchronous_ones_at_once() {
    #[event(async, concurrent)]
    struct Raced;

    #[handler(Raced, order = 1)]
    async fn slow(_: &Raced, trace: &Trace) -> Result<(), String> {
        trace.add("slow begins");
        yield_now().await;
        yield_now().await;
        trace.add("slow ends");
        Err(String::from("too slow"))
    }

    #[handler(Raced, order = 2)]
    fn inline(_: &Raced, trace: &Trace) {
        trace.add("inline");
    }

    #[handler(Raced, order = 3)]
    async fn quick(_: &Raced, trace: &Trace) -> Result<(), String> {
        trace.add("quick begins");
        yield_now().await;
        trace.add("quick ends");
        Err(String::from("too quick"))
    }

    let (trace, builder) = Trace::with_bus();
    let bus = builder.with(quick).with(inline).with(slow).build().unwrap();
    trace.report(&block_on(bus.publish(&Raced)));
    expect![[r"
        slow begins
        inline
        quick begins
        quick ends
        slow ends
        report: 3 handled; slow failed: too slow; quick failed: too quick"]]
    .assert_eq(&trace.take());
}
