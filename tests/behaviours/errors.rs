//! Handlers that fail: what becomes of the others, and what the publisher is told.

mod failures;

use std::error::Error;
use std::fmt;

use eventful::{Bus, event, handler};
use expect_test::expect;

use crate::trace::{Trace, ids};

#[test]
fn r40_a_handler_that_fails_stops_nobody() {
    #[event]
    struct Billed;

    #[handler(Billed, order = 1)]
    fn before(_: &Billed, trace: &Trace) {
        trace.add("before");
    }

    #[handler(Billed, order = 2)]
    fn fails(_: &Billed, trace: &Trace) -> Result<(), String> {
        trace.add("fails");
        Err(String::from("no paper"))
    }

    #[handler(Billed, order = 3)]
    fn between(_: &Billed, trace: &Trace) {
        trace.add("between");
    }

    #[handler(Billed, order = 4)]
    fn fails_too(_: &Billed, trace: &Trace) -> Result<(), String> {
        trace.add("fails too");
        Err(String::from("no ink"))
    }

    #[handler(Billed, order = 5)]
    fn after(_: &Billed, trace: &Trace) {
        trace.add("after");
    }

    let (trace, builder) = Trace::with_bus();
    let bus = builder
        .with(before)
        .with(fails)
        .with(between)
        .with(fails_too)
        .with(after)
        .build()
        .unwrap();
    for _ in 0..2 {
        trace.report(&bus.publish(&Billed));
        expect![[r"
            before
            fails
            between
            fails too
            after
            report: 5 handled; fails failed: no paper; fails_too failed: no ink"]]
        .assert_eq(&trace.take());
    }
}

#[test]
fn r41_a_panic_is_contained_like_an_error() {
    #[event]
    struct Dropped(u32);

    #[handler(Dropped, order = 1)]
    fn panics(event: &Dropped, trace: &Trace) {
        trace.add("panics");
        panic!("number {}", event.0);
    }

    #[handler(Dropped, order = 2)]
    fn works(_: &Dropped, trace: &Trace) {
        trace.add("works");
    }

    #[handler(Dropped, order = 3)]
    fn panics_with_a_value(event: &Dropped, trace: &Trace) {
        trace.add("panics with a value");
        std::panic::panic_any(event.0);
    }

    let (trace, builder) = Trace::with_bus();
    let bus = builder
        .with(panics)
        .with(works)
        .with(panics_with_a_value)
        .build()
        .unwrap();
    for number in 1..3 {
        trace.report(&bus.publish(&Dropped(number)));
    }
    expect![[r"
        panics
        works
        panics with a value
        report: 3 handled; panics panicked: number 1; panics_with_a_value panicked: (no text: the panic's payload is neither `&str` nor `String`)
        panics
        works
        panics with a value
        report: 3 handled; panics panicked: number 2; panics_with_a_value panicked: (no text: the panic's payload is neither `&str` nor `String`)"]]
    .assert_eq(&trace.take());

    let failures = bus.publish(&Dropped(3)).unwrap_err().into_failures();
    let payloads = failures
        .into_iter()
        .map(|failure| failure.into_panic().expect("each panicked"));
    let payloads: Vec<_> = payloads.collect();
    assert_eq!(payloads[0].downcast_ref(), Some(&String::from("number 3")));
    assert_eq!(payloads[1].downcast_ref(), Some(&3_u32));
}

#[derive(Debug, PartialEq)]
struct Refused {
    code: u16,
    cause: Timeout,
}

#[derive(Debug, PartialEq)]
struct Timeout;

impl fmt::Display for Refused {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "refused with {}", self.code)
    }
}

impl fmt::Display for Timeout {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("timeout")
    }
}

impl Error for Refused {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&self.cause)
    }
}

impl Error for Timeout {}

#[event]
struct Asked(u16);

#[handler(Asked)]
fn refuses(event: &Asked, trace: &Trace) -> Result<(), Refused> {
    trace.add("refuses");
    Err(Refused {
        code: event.0,
        cause: Timeout,
    })
}

#[test]
fn r42_the_reported_failure_is_the_handlers_own_error() {
    let (trace, builder) = Trace::with_bus();
    let bus = builder.with(refuses).build().unwrap();
    trace.report(&bus.publish(&Asked(503)));
    assert_eq!(
        trace.take(),
        "refuses\nreport: 1 handled; refuses failed: refused with 503"
    );
    let error = bus.publish(&Asked(503)).unwrap_err();
    let failure = &error.failures()[0];
    let own = failure.error().expect("it did not panic");
    let expected = Refused {
        code: 503,
        cause: Timeout,
    };
    assert_eq!(own.downcast_ref(), Some(&expected));
    assert_eq!(own.to_string(), "refused with 503");
    let source = own.source().expect("it has one");
    assert_eq!(source.downcast_ref(), Some(&Timeout));
    assert!(failure.source().is_some_and(<dyn Error>::is::<Timeout>));
}

#[test]
fn r47_the_publisher_is_told_of_all_failures_or_of_the_first_if_the_event_says_so() {
    #[event(fail_fast)]
    struct Vetoed(u16);

    #[handler(Vetoed, order = 1)]
    fn agrees(_: &Vetoed, trace: &Trace) {
        trace.add("agrees");
    }

    #[handler(Vetoed, order = 2)]
    fn vetoes(event: &Vetoed, trace: &Trace) -> Result<(), Refused> {
        refuses(&Asked(event.0), trace)
    }

    #[handler(Vetoed, order = 3)]
    fn is_not_asked(_: &Vetoed, trace: &Trace) -> Result<(), String> {
        trace.add("is asked");
        Err(String::from("another one"))
    }

    /// The strict way: a publisher that hands on the first error as if it were its own.
    fn strict(bus: &Bus) -> Result<(), Box<dyn Error + Send + Sync>> {
        let Err(error) = bus.publish(&Vetoed(403)) else {
            return Ok(());
        };
        let first = error.into_failures().into_iter().next();
        Err(first
            .and_then(eventful::Failure::into_error)
            .expect("an error"))
    }

    let (trace, builder) = Trace::with_bus();
    let bus = builder
        .with(agrees)
        .with(vetoes)
        .with(is_not_asked)
        .build()
        .unwrap();
    trace.report(&bus.publish(&Vetoed(403)));
    let error = strict(&bus).unwrap_err().downcast::<Refused>().unwrap();
    trace.add(format!("strict: {error:?}"));
    expect![[r"
        agrees
        refuses
        report: 2 handled; vetoes failed: refused with 403
        agrees
        refuses
        strict: Refused { code: 403, cause: Timeout }"]]
    .assert_eq(&trace.take());
}

#[test]
fn r29_the_report_counts_the_handlers_and_has_each_failure_in_their_order() {
    #[event]
    struct Checked;

    #[handler(Checked, order = 3)]
    fn third(_: &Checked, trace: &Trace) -> Result<(), String> {
        trace.add("third");
        Err(String::from("no third"))
    }

    #[handler(Checked, order = 1)]
    fn first(_: &Checked, trace: &Trace) {
        trace.add("first");
        panic!("no first");
    }

    #[handler(Checked, order = 2)]
    fn second(_: &Checked, trace: &Trace) {
        trace.add("second");
    }

    let (trace, builder) = Trace::with_bus();
    let bus = builder
        .with(third)
        .with(first)
        .with(second)
        .build()
        .unwrap();
    assert_eq!(ids::<Checked>(&bus), "first second third");
    trace.report(&bus.publish(&Checked));
    expect![[r"
        first
        second
        third
        report: 3 handled; first panicked: no first; third failed: no third"]]
    .assert_eq(&trace.take());

    let error = bus.publish(&Checked).unwrap_err();
    for (failure, function) in error.failures().iter().zip(["first", "third"]) {
        let handler = failure.handler();
        assert_eq!(handler.id(), format!("behaviours::errors::{function}"));
        assert_eq!(
            (handler.file(), failure.event_name()),
            (file!(), "behaviours::errors::Checked")
        );
    }
}
