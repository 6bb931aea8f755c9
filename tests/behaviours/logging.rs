//! The log.

#[cfg(feature = "tracing")]
mod drops;
#[cfg(feature = "tracing")]
mod lines;

#[cfg(feature = "tracing")]
use eventful::Bus;
use eventful::{event, handler};
use expect_test::expect;

use crate::Trace;
#[cfg(feature = "tracing")]
use crate::log_recorder::LogRecorder;
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

#[cfg(feature = "tracing")]
#[test]
fn r46_a_veto_is_no_error_and_log_chooses_the_level() {
    #[event(fail_fast)]
    struct Vetoed;

    #[event(fail_fast, log = "error")]
    struct Needed;

    #[event(log = "warn")]
    struct Doubtful;

    #[event(log = "info")]
    struct Usual;

    #[event(log = "debug")]
    struct Trifling;

    #[handler(Vetoed, Needed, Doubtful, Usual, Trifling)]
    fn refuses<E>(_: &E) -> Result<(), String> {
        Err(String::from("too many"))
    }

    #[handler(Vetoed, Trifling)]
    fn panics<E>(_: &E) -> Result<(), String> {
        panic!("out of range")
    }

    let bus = Bus::isolated()
        .with(refuses::<Vetoed>)
        .with(refuses::<Needed>)
        .with(refuses::<Doubtful>)
        .with(refuses::<Usual>)
        .with(refuses::<Trifling>)
        .build()
        .unwrap();
    let panicking = Bus::isolated()
        .with(panics::<Vetoed>)
        .with(panics::<Trifling>)
        .build()
        .unwrap();
    let log = LogRecorder::record(|| {
        bus.publish(&Vetoed).unwrap_err();
        bus.publish(&Needed).unwrap_err();
        bus.publish(&Doubtful).unwrap_err();
        bus.publish(&Usual).unwrap_err();
        bus.publish(&Trifling).unwrap_err();
        panicking.publish(&Vetoed).unwrap_err();
        panicking.publish(&Trifling).unwrap_err();
    });
    expect![[r#"
        DEBUG handler failed: event="logging::Vetoed" handler="logging::refuses" error="too many"
        ERROR handler failed: event="logging::Needed" handler="logging::refuses" error="too many"
        WARN handler failed: event="logging::Doubtful" handler="logging::refuses" error="too many"
        INFO handler failed: event="logging::Usual" handler="logging::refuses" error="too many"
        DEBUG handler failed: event="logging::Trifling" handler="logging::refuses" error="too many"
        ERROR handler panicked: event="logging::Vetoed" handler="logging::panics" error="out of range"
        ERROR handler panicked: event="logging::Trifling" handler="logging::panics" error="out of range""#]].assert_eq(&log);
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
