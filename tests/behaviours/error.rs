//! Handlers that fail, and buses that cannot work.

use std::error::Error;
use std::fmt;

use eventful::{Bus, WiringError, event, handler};
use expect_test::expect;

use crate::Trace;

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

#[cfg(feature = "tracing")]
#[test]
fn r46_each_failure_is_logged_once_and_as_an_error() {
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

    let (trace, builder) = Trace::with_bus();
    let bus = builder
        .with(fails)
        .with(works)
        .with(panics)
        .build()
        .unwrap();
    let result = crate::logging::log_to(&trace, || bus.publish(&Logged));
    trace.report(&result);
    // A failure is logged before the next handler runs, which may end the process.
    expect![[r"
        fails
        ERROR handler failed: behaviours::error::fails of behaviours::error::Logged: the disk is full
        works
        panics
        ERROR handler panicked: behaviours::error::panics of behaviours::error::Logged: out of range
        report: 3 handled; fails failed: the disk is full; panics panicked: out of range"]]
    .assert_eq(&trace.take());

    let works_only = bus.derive().without(fails).without(panics).build().unwrap();
    let result = crate::logging::log_to(&trace, || works_only.publish(&Logged));
    trace.report(&result);
    assert_eq!(trace.take(), "works\nreport: 1 handled");
}

#[cfg(not(feature = "tracing"))]
#[test]
fn r46_without_the_feature_nothing_is_logged() {
    let (trace, builder) = Trace::with_bus();
    let bus = builder.with(refuses).build().unwrap();
    let result = crate::logging::log_to(&trace, || bus.publish(&Asked(503)));
    trace.report(&result);
    assert_eq!(
        trace.take(),
        "refuses\nreport: 1 handled; refuses failed: refused with 503"
    );
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

struct Server;

trait Template: Send + Sync {}

#[test]
fn r51_a_missing_resource_is_named_with_its_handler_when_the_bus_is_built() {
    #[event]
    struct Mailed;

    #[handler(Mailed)]
    fn send(_: &Mailed, _: &Server, _: &dyn Template, trace: &Trace) {
        trace.add("send");
    }

    #[handler(Mailed)]
    fn count(_: &Mailed, server: Option<&Server>, trace: &Trace) {
        trace.add(format!("count, with a server: {}", server.is_some()));
    }

    let (trace, builder) = Trace::with_bus();
    let error = builder.with(send).with(count).build().unwrap_err();
    add_faults(&trace, &error);
    let bus = Bus::isolated()
        .provide(trace.clone())
        .with(count)
        .build()
        .unwrap();
    trace.report(&bus.publish(&Mailed));
    expect![[r"
        handler behaviours::error::send (AT) of `behaviours::error::Mailed` needs the resource `&behaviours::error::Server`, which nothing provides; write `.provide(…)` with a `behaviours::error::Server` on the builder
        handler behaviours::error::send (AT) of `behaviours::error::Mailed` needs the resource `&dyn behaviours::error::Template`, which nothing provides; write `.provide_arc::<dyn behaviours::error::Template>(…)` on the builder
        count, with a server: false
        report: 1 handled"]]
    .assert_eq(&trace.take());
}

#[test]
fn r54_contradictions_are_refused_when_the_bus_is_built_and_name_both() {
    #[event]
    struct Tangled;

    #[handler(Tangled, after = two)]
    fn one(_: &Tangled) {}

    #[handler(Tangled, after = one)]
    fn two(_: &Tangled) {}

    #[handler(Tangled, order = 5)]
    fn late(_: &Tangled) {}

    #[handler(Tangled, after = late)]
    fn early(_: &Tangled) {}

    #[handler(Tangled, after = "no.such.handler")]
    fn misled(_: &Tangled) {}

    let (trace, builder) = Trace::with_bus();
    let error = builder
        .with(one)
        .with(two)
        .with(late)
        .with(early)
        .with(misled)
        .provide(1_u8)
        .provide(2_u8)
        .build()
        .unwrap_err();
    add_faults(&trace, &error);
    expect![[r#"
        the resource `u8` is provided twice, at AT and at AT; remove one, or wrap one in a type of its own
        handler behaviours::error::early (AT) says that it runs after behaviours::error::late (AT), but `order` says the opposite (0 against 5); remove one of the two
        handler behaviours::error::misled (AT) of `behaviours::error::Tangled` says `after = "no.such.handler"`, but no linked handler has that id; write the id of another handler of the same event, or `eventful::link!()` where the handler's crate is only named in Cargo.toml
        handlers of `behaviours::error::Tangled` each run after the next, in a circle: behaviours::error::one (AT), behaviours::error::two (AT); remove one `after` or `before`"#]].assert_eq(&trace.take());
}

/// Adds each fault, with each position in this file as AT.
fn add_faults(trace: &Trace, error: &WiringError) {
    for fault in error.faults() {
        let mut text = fault.to_string();
        while let Some(start) = text.find(file!()) {
            let position = text[start..].split([')', ' ', ';']).next();
            let length = position.map_or(0, |position| position.trim_end_matches(',').len());
            text.replace_range(start..start + length, "AT");
        }
        trace.add(text);
    }
}
