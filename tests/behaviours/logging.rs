//! The log.

#[cfg(feature = "tracing")]
mod lines;

use eventful::{event, handler};
use expect_test::expect;

use crate::Trace;
use crate::log_recorder::log_to;

#[event]
struct Logged;

#[handler(Logged, order = 1)]
fn fails(_: &Logged, trace: &Trace) -> Result<(), String> {
    trace.add("fails");
    Err(String::from("the disk is full"))
}

#[handler(Logged, order = 2)]
fn works(_: &Logged, trace: &Trace) {
    trace.add("works");
}

#[handler(Logged, order = 3)]
fn panics(_: &Logged, trace: &Trace) {
    trace.add("panics");
    panic!("out of range");
}

#[cfg(feature = "tracing")]
#[test]
fn r46_each_failure_is_logged_once_and_as_an_error() {
    let (trace, builder) = Trace::with_bus();
    let bus = builder
        .with(fails)
        .with(works)
        .with(panics)
        .build()
        .unwrap();
    let result = log_to(&trace, || bus.publish(&Logged));
    trace.report(&result);
    // A failure is logged before the next handler runs, which may end the process.
    expect![[r#"
        fails
        ERROR handler failed: event="logging::Logged" handler="logging::fails" error="the disk is full"
        works
        panics
        ERROR handler panicked: event="logging::Logged" handler="logging::panics" error="out of range"
        report: 3 handled; fails failed: the disk is full; panics panicked: out of range"#]]
    .assert_eq(&trace.take());

    let works_only = bus.derive().without(fails).without(panics).build().unwrap();
    let result = log_to(&trace, || works_only.publish(&Logged));
    trace.report(&result);
    assert_eq!(trace.take(), "works\nreport: 1 handled");
}

#[cfg(not(feature = "tracing"))]
#[test]
fn r46_without_the_feature_nothing_is_logged() {
    let (trace, builder) = Trace::with_bus();
    let bus = builder.with(fails).build().unwrap();
    let result = log_to(&trace, || bus.publish(&Logged));
    trace.report(&result);
    expect![[r"
        fails
        report: 1 handled; fails failed: the disk is full"]]
    .assert_eq(&trace.take());
}
