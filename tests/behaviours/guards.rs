//! Guards.

use std::cell::Cell;

use eventful::{Bus, event, handler};
use expect_test::expect;

use crate::Trace;
use crate::executor::{block_on, yield_now};

#[event]
struct Paid {
    amount: u32,
}

#[handler(Paid, order = 1, when = |event| event.amount > 100)]
fn large(event: &Paid, trace: &Trace) {
    trace.add(format!("large {}", event.amount));
}

#[handler(Paid, order = 2, when = |event| event.amount.is_multiple_of(2))]
fn even(event: &Paid, trace: &Trace) -> Result<(), String> {
    trace.add(format!("even {}", event.amount));
    Err(String::from("not today"))
}

#[handler(Paid, order = 3)]
fn any(event: &Paid, trace: &Trace) {
    trace.add(format!("any {}", event.amount));
}

#[test]
fn r86_a_guard_decides_and_what_it_leaves_out_is_neither_run_nor_failed() {
    let (trace, builder) = Trace::with_bus();
    let bus = builder.with(large).with(even).with(any).build().unwrap();
    for amount in [101, 102, 1, 2] {
        trace.report(&bus.publish(&Paid { amount }));
    }
    expect![[r"
        large 101
        any 101
        report: 2 handled, 1 skipped
        large 102
        even 102
        any 102
        report: 3 handled; even failed: not today
        any 1
        report: 1 handled, 2 skipped
        even 2
        any 2
        report: 2 handled, 1 skipped; even failed: not today"]]
    .assert_eq(&trace.take());
}

#[test]
fn r86_a_guard_decides_for_asynchronous_handlers_too() {
    #[event(async)]
    struct Sent(u32);

    #[handler(Sent, order = 1, when = |event| event.0 > 1)]
    async fn later(event: &Sent, trace: &Trace) {
        yield_now().await;
        trace.add(format!("later {}", event.0));
    }

    #[handler(Sent, order = 2, when = |event| event.0 < 2)]
    fn now(event: &Sent, trace: &Trace) {
        trace.add(format!("now {}", event.0));
    }

    let (trace, builder) = Trace::with_bus();
    let bus = builder.with(later).with(now).build().unwrap();
    for number in [1, 2] {
        trace.report(&block_on(bus.publish(&Sent(number))));
    }
    expect![[r"
        now 1
        report: 1 handled, 1 skipped
        later 2
        report: 1 handled, 1 skipped"]]
    .assert_eq(&trace.take());
}

#[test]
fn r86_a_guard_that_panics_is_a_failure_of_its_handler() {
    #[event]
    struct Weighed(u32);

    #[handler(Weighed, order = 1, when = |event| 10 / event.0 > 1)]
    fn light(_: &Weighed, trace: &Trace) {
        trace.add("light");
    }

    #[handler(Weighed, order = 2)]
    fn after(_: &Weighed, trace: &Trace) {
        trace.add("after");
    }

    let (trace, builder) = Trace::with_bus();
    let bus = builder.with(light).with(after).build().unwrap();
    trace.report(&bus.publish(&Weighed(2)));
    trace.report(&bus.publish(&Weighed(0)));
    expect![[r"
        light
        after
        report: 2 handled
        after
        report: 1 handled, 1 skipped; light panicked: attempt to divide by zero"]]
    .assert_eq(&trace.take());
}

#[event]
struct Ordered {
    total: u64,
}

// A test is a thread, and guards run on the thread that publishes.
thread_local! {
    static ASKED: Cell<u64> = const { Cell::new(0) };
}

#[handler(Ordered, when = |event| { ASKED.set(ASKED.get() + 1); event.total > 100 })]
fn large_order(event: &Ordered, trace: &Trace) {
    trace.add(format!("large {}", event.total));
}

fn is_small(event: &Ordered) -> bool {
    event.total <= 100
}

#[handler(Ordered, when = is_small)]
fn small(event: &Ordered, trace: &Trace) {
    trace.add(format!("small {}", event.total));
}

#[handler(Ordered, order = 1)]
fn always(event: &Ordered, trace: &Trace) {
    trace.add(format!("always {}", event.total));
}

#[test]
fn a_guard_is_asked_once_a_delivery_and_what_it_keeps_from_running_is_skipped() {
    let trace = Trace::default();
    let bus = Bus::isolated()
        .with(large_order)
        .with(small)
        .with(always)
        .provide(trace.clone())
        .build()
        .unwrap();
    let delivered = bus.publish(&Ordered { total: 101 }).unwrap();
    assert_eq!((delivered.handled(), delivered.skipped()), (2, 1));
    let delivered = bus.publish(&Ordered { total: 100 }).unwrap();
    assert_eq!((delivered.handled(), delivered.skipped()), (2, 1));
    assert_eq!(trace.take(), "large 101\nalways 101\nsmall 100\nalways 100");
    assert_eq!(ASKED.get(), 2);
    assert!(bus.handlers::<Ordered>()[0].is_guarded());
    assert!(!bus.handlers::<Ordered>()[2].is_guarded());
    assert!(bus.has_handlers::<Ordered>());
}

mod panics {
    use super::*;

    #[event]
    struct Asked;

    fn explode(_: &Asked) -> bool {
        panic!("no answer")
    }

    #[handler(Asked, when = explode)]
    fn guarded(_: &Asked) {}

    #[handler(Asked, order = 1)]
    fn next(_: &Asked, trace: &Trace) {
        trace.add("next");
    }

    #[test]
    fn a_guard_that_panics_is_its_handlers_failure() {
        let trace = Trace::default();
        let bus = Bus::isolated()
            .with(guarded)
            .with(next)
            .provide(trace.clone())
            .build()
            .unwrap();
        let error = bus.publish(&Asked).unwrap_err();
        assert_eq!(trace.take(), "next");
        let [failure] = error.failures() else {
            panic!("{error}");
        };
        assert!(failure.is_panic() && failure.is_guard());
        expect!["the guard of handler behaviours::guards::panics::guarded (tests/behaviours/guards.rs:173:8) panicked: no answer"].assert_eq(&failure.to_string());
        let delivered = error.delivered();
        assert_eq!((delivered.handled(), delivered.skipped()), (1, 1));
        assert!(
            error.to_string().starts_with("1 of 2 handlers of"),
            "{error}"
        );
        let payload = error.into_failures().remove(0).into_panic().unwrap();
        assert_eq!(payload.downcast_ref::<&str>(), Some(&"no answer"));
    }
}
