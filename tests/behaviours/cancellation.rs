//! Publishes that are dropped half-way: what ran, what was cut off, what never started, and what the log says of it.

use std::fmt::Write as _;
use std::mem;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::Mutex;
use std::task::{Context, Poll};

use eventful::{Bus, Delivery, Event, Publishing, event, handler};
use expect_test::expect;

use crate::Trace;
use crate::executor::{block_on, poll_once, yield_now};
use crate::log_recorder::LogRecorder;

#[event(async)]
struct InTurn;

#[event(async, concurrent)]
struct Together;

/// Adds a line when it is dropped: the handler has ended, or was cut off.
struct Run<'a> {
    handler: &'static str,
    trace: &'a Trace,
    is_over: bool,
}

/// Runs a handler that waits `count` times.
async fn run(handler: &'static str, count: usize, trace: &Trace) {
    trace.add(format!("{handler} begins"));
    let mut run = Run {
        handler,
        trace,
        is_over: false,
    };
    for number in 1..=count {
        yield_now().await;
        trace.add(format!("{handler} {number}"));
    }
    run.is_over = true;
}

impl Drop for Run<'_> {
    fn drop(&mut self) {
        let how = if self.is_over { "ends" } else { "is cut off" };
        self.trace.add(format!("{} {how}", self.handler));
    }
}

#[handler(InTurn, Together, order = 1, id = "first")]
async fn first<E: Event>(_: &E, trace: &Trace) {
    run("first", 2, trace).await;
}

#[handler(InTurn, Together, order = 2, id = "second")]
async fn second<E: Event>(_: &E, trace: &Trace) {
    run("second", 1, trace).await;
}

#[handler(InTurn, Together, order = 3, id = "third")]
async fn third<E: Event>(_: &E, trace: &Trace) {
    run("third", 3, trace).await;
}

fn bus(trace: &Trace) -> Bus {
    Bus::isolated()
        .provide(trace.clone())
        .with(first::<InTurn>)
        .with(second::<InTurn>)
        .with(third::<InTurn>)
        .with(first::<Together>)
        .with(second::<Together>)
        .with(third::<Together>)
        .build()
        .unwrap()
}

const HANDLERS: [&str; 3] = ["first", "second", "third"];

/// The handlers of which the last line in `trace` says `how`; those without a line, of none.
fn handlers_that(how: Option<&str>, trace: &str) -> String {
    let last = |handler: &&str| {
        let own = trace.lines().rfind(|line| line.starts_with(*handler));
        own.map(|line| line[handler.len()..].trim()) == how
    };
    let handlers: Vec<_> = HANDLERS.into_iter().filter(last).collect();
    handlers.join(", ")
}

/// Drops a publish at every await that it has, and before the first poll: what ran, and what was logged.
fn drop_at_every_await<'a, E: Event>(
    trace: &Trace,
    publish: impl Fn() -> Publishing<'a, E>,
) -> String {
    let delivered = block_on(publish()).unwrap();
    assert_eq!(delivered.handled(), HANDLERS.len());
    let whole = trace.take();
    let mut report = String::new();
    for polls in 0.. {
        let mut is_ready = false;
        let log = LogRecorder::record(|| {
            let mut publishing = publish();
            for _ in 0..polls {
                is_ready = poll_once(&mut publishing).is_ready();
            }
            drop(publishing);
        });
        let ran = trace.take();
        if is_ready {
            assert_eq!((ran, log.as_str()), (whole, ""));
            return report;
        }
        if polls > 0 {
            let said = format!(
                "cancelled=\"{}\" never_started=\"{}\"",
                handlers_that(Some("is cut off"), &ran),
                handlers_that(None, &ran)
            );
            assert!(log.ends_with(&said), "{said} is not in {log}");
        }
        let ran = if polls == 0 {
            String::from("nothing")
        } else {
            ran.replace('\n', ", ")
        };
        writeln!(report, "{polls}: {ran}\n   {log}").expect("a `String` takes everything");

        block_on(publish()).unwrap();
        assert_eq!(trace.take(), whole, "the next publish is whole");
    }
    unreachable!("a publish comes to an end")
}

#[test]
fn a_publish_that_is_dropped_says_exactly_how_far_it_came() {
    let trace = Trace::default();
    let bus = bus(&trace);
    expect![[r#"
        0: nothing
           WARN publish dropped before it began: event="cancellation::InTurn"
        1: first begins, first is cut off
           WARN publish dropped half-way: event="cancellation::InTurn" cancelled="first" never_started="second, third"
        2: first begins, first 1, first is cut off
           WARN publish dropped half-way: event="cancellation::InTurn" cancelled="first" never_started="second, third"
        3: first begins, first 1, first 2, first ends, second begins, second is cut off
           WARN publish dropped half-way: event="cancellation::InTurn" cancelled="second" never_started="third"
        4: first begins, first 1, first 2, first ends, second begins, second 1, second ends, third begins, third is cut off
           WARN publish dropped half-way: event="cancellation::InTurn" cancelled="third" never_started=""
        5: first begins, first 1, first 2, first ends, second begins, second 1, second ends, third begins, third 1, third is cut off
           WARN publish dropped half-way: event="cancellation::InTurn" cancelled="third" never_started=""
        6: first begins, first 1, first 2, first ends, second begins, second 1, second ends, third begins, third 1, third 2, third is cut off
           WARN publish dropped half-way: event="cancellation::InTurn" cancelled="third" never_started=""
    "#]].assert_eq(&drop_at_every_await(&trace, || bus.publish(&InTurn)));
}

#[test]
fn handlers_that_run_together_are_cut_off_together() {
    let trace = Trace::default();
    let bus = bus(&trace);
    expect![[r#"
        0: nothing
           WARN publish dropped before it began: event="cancellation::Together"
        1: first begins, second begins, third begins, first is cut off, second is cut off, third is cut off
           WARN publish dropped half-way: event="cancellation::Together" cancelled="first, second, third" never_started=""
        2: first begins, second begins, third begins, first 1, second 1, second ends, third 1, first is cut off, third is cut off
           WARN publish dropped half-way: event="cancellation::Together" cancelled="first, third" never_started=""
        3: first begins, second begins, third begins, first 1, second 1, second ends, third 1, first 2, first ends, third 2, third is cut off
           WARN publish dropped half-way: event="cancellation::Together" cancelled="third" never_started=""
    "#]].assert_eq(&drop_at_every_await(&trace, || bus.publish(&Together)));
}

#[test]
fn a_failure_before_the_cut_is_logged_once_and_by_then() {
    let bus = Bus::isolated()
        .subscribe("fails", |_: &InTurn| Err::<(), _>("at once"))
        .subscribe("fails later", |_: &InTurn| async {
            yield_now().await;
            Err::<(), _>("later")
        })
        .subscribe("waits", |_: &InTurn| std::future::pending::<()>())
        .build()
        .unwrap();
    let log = LogRecorder::record(|| {
        let mut publishing = bus.publish(&InTurn);
        for _ in 0..3 {
            assert!(poll_once(&mut publishing).is_pending());
        }
    });
    expect![[r#"
        ERROR handler failed: event="cancellation::InTurn" handler="fails" error="at once"
        ERROR handler failed: event="cancellation::InTurn" handler="fails later" error="later"
        WARN publish dropped half-way: event="cancellation::InTurn" cancelled="waits" never_started="""#]].assert_eq(&log);
}

#[test]
fn a_forgotten_publish_harms_nobody() {
    /// The leak is on purpose: the address keeps it reachable for those who look for leaks.
    static FORGOTTEN: Mutex<Vec<usize>> = Mutex::new(Vec::new());

    #[event(async)]
    struct Borrowed(String);

    #[handler(Borrowed)]
    async fn hold(event: &Borrowed, delivery: &Delivery) {
        let local = 0_u8;
        FORGOTTEN.lock().unwrap().push((&raw const local).addr());
        std::future::pending::<()>().await;
        drop((local, event.0.len(), delivery.causes()));
    }

    let trace = Trace::default();
    let whole = bus(&trace).derive().with(hold).build().unwrap();
    for _ in 0..2 {
        let bus = whole.clone();
        let event = Borrowed(String::from("gone"));
        let mut publishing = bus.publish(&event);
        assert!(poll_once(&mut publishing).is_pending());
        mem::forget(publishing);
    }
    assert!(Bus::current().is_err(), "it is not the current one");
    assert_eq!(block_on(whole.publish(&InTurn)).unwrap().handled(), 3);
}

struct PanicsOnDrop(&'static str);

impl Drop for PanicsOnDrop {
    fn drop(&mut self) {
        panic!("{}", self.0);
    }
}

#[handler(Together, order = 1)]
async fn panics_when_cut_off(_: &Together) {
    let _guard = PanicsOnDrop("in the first drop");
    std::future::pending::<()>().await;
}

#[handler(Together, order = 2)]
async fn panics_when_cut_off_too(_: &Together) {
    let _guard = PanicsOnDrop("in the second drop");
    std::future::pending::<()>().await;
}

#[test]
fn a_panic_of_what_is_cut_off_is_logged_and_goes_no_further() {
    let trace = Trace::default();
    let bus = bus(&trace)
        .derive()
        .with(panics_when_cut_off)
        .with(panics_when_cut_off_too)
        .build()
        .unwrap();
    let log = LogRecorder::record(|| {
        let mut publishing = bus.publish(&Together);
        assert!(poll_once(&mut publishing).is_pending());
        trace.take();
        drop(publishing);
    });
    expect![[r#"
        WARN publish dropped half-way: event="cancellation::Together" cancelled="first, cancellation::panics_when_cut_off, second, cancellation::panics_when_cut_off_too, third" never_started=""
        ERROR handler panicked when it was dropped: event="cancellation::Together" handler="cancellation::panics_when_cut_off" error="in the first drop"
        ERROR handler panicked when it was dropped: event="cancellation::Together" handler="cancellation::panics_when_cut_off_too" error="in the second drop""#]].assert_eq(&log);
    expect![[r"
        first is cut off
        second is cut off
        third is cut off"]]
    .assert_eq(&trace.take());
    let whole = bus
        .derive()
        .without(panics_when_cut_off)
        .without(panics_when_cut_off_too)
        .build()
        .unwrap();
    assert_eq!(block_on(whole.publish(&Together)).unwrap().handled(), 3);
}

#[test]
fn a_publish_that_is_cut_off_by_a_panic_is_logged_and_the_panic_goes_on() {
    let bus = Bus::isolated().with(panics_when_cut_off).build().unwrap();
    let log = LogRecorder::record(|| {
        let publish_and_panic = || {
            let mut publishing = bus.publish(&Together);
            assert!(poll_once(&mut publishing).is_pending());
            panic!("of the publisher");
        };
        let panic = catch_unwind(AssertUnwindSafe(publish_and_panic)).unwrap_err();
        assert_eq!(panic.downcast_ref(), Some(&"of the publisher"));
    });
    expect![[r#"
        WARN publish dropped half-way: event="cancellation::Together" cancelled="cancellation::panics_when_cut_off" never_started=""
        ERROR handler panicked when it was dropped: event="cancellation::Together" handler="cancellation::panics_when_cut_off" error="in the first drop""#]].assert_eq(&log);
}

/// A future that is told what to do when it is polled, and panics when it is dropped.
struct Hostile<R>(fn() -> Poll<R>);

impl<R> Future for Hostile<R> {
    type Output = R;

    fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<R> {
        self.0()
    }
}

impl<R> Drop for Hostile<R> {
    fn drop(&mut self) {
        panic!("when dropped");
    }
}

#[test]
fn a_future_that_panics_when_it_is_dropped_has_failed_once() {
    let bus = Bus::isolated()
        .subscribe("finished", |_: &InTurn| Hostile(|| Poll::Ready(())))
        .subscribe("failed", |_: &InTurn| {
            Hostile(|| Poll::Ready(Err::<(), _>("its error")))
        })
        .subscribe("panicked", |_: &InTurn| {
            Hostile(|| -> Poll<()> { panic!("when polled") })
        })
        .subscribe("cut off", |_: &InTurn| Hostile(|| Poll::<()>::Pending))
        .build()
        .unwrap();
    let log = LogRecorder::record(|| {
        let mut publishing = bus.publish(&InTurn);
        assert!(poll_once(&mut publishing).is_pending());
        drop(publishing);
    });
    expect![[r#"
        ERROR handler panicked: event="cancellation::InTurn" handler="finished" error="when dropped"
        ERROR handler panicked when it was dropped: event="cancellation::InTurn" handler="failed" error="when dropped"
        ERROR handler failed: event="cancellation::InTurn" handler="failed" error="its error"
        ERROR handler panicked when it was dropped: event="cancellation::InTurn" handler="panicked" error="when dropped"
        ERROR handler panicked: event="cancellation::InTurn" handler="panicked" error="when polled"
        WARN publish dropped half-way: event="cancellation::InTurn" cancelled="cut off" never_started=""
        ERROR handler panicked when it was dropped: event="cancellation::InTurn" handler="cut off" error="when dropped""#]].assert_eq(&log);

    let bus = bus.derive().without_id("cut off").build().unwrap();
    let error = block_on(bus.publish(&InTurn)).unwrap_err();
    let failures = error.failures().iter().map(ToString::to_string);
    assert_eq!(failures.count(), 3);
    assert!(!error.failures()[1].is_panic());
}

#[event]
struct Goodbye;

/// Publishes when it is dropped, and that on no particular bus.
struct SaysGoodbye;

impl Drop for SaysGoodbye {
    fn drop(&mut self) {
        Goodbye.publish().unwrap();
    }
}

#[handler(Goodbye)]
fn hear(_: &Goodbye, delivery: &Delivery, trace: &Trace) {
    let cause = delivery.cause().map(|cause| cause.handler().id());
    trace.add(format!("goodbye of {cause:?}"));
}

#[handler(InTurn, order = -1, id = "polite")]
async fn say_goodbye(_: &InTurn) {
    let _goodbye = SaysGoodbye;
    std::future::pending::<()>().await;
}

#[test]
fn what_is_cut_off_publishes_on_its_own_bus() {
    let trace = Trace::default();
    let bus = bus(&trace)
        .derive()
        .with(hear)
        .with(say_goodbye)
        .build()
        .unwrap();
    let mut publishing = bus.publish(&InTurn);
    assert!(poll_once(&mut publishing).is_pending());
    drop(publishing);
    assert_eq!(trace.take(), "goodbye of Some(\"polite\")");

    let mut scoped = bus.scope_async(async {
        let _goodbye = SaysGoodbye;
        std::future::pending::<()>().await;
    });
    assert!(poll_once(&mut scoped).is_pending());
    drop(scoped);
    assert_eq!(trace.take(), "goodbye of None");
}

#[event(async)]
struct Outer;

#[handler(Outer)]
async fn publish_inner(_: &Outer, bus: &Bus) {
    bus.publish(&InTurn).await.unwrap();
}

#[test]
fn a_nested_publish_is_cut_off_with_the_outer_one() {
    let trace = Trace::default();
    let bus = bus(&trace).derive().with(publish_inner).build().unwrap();
    let log = LogRecorder::record(|| {
        let mut publishing = bus.publish(&Outer);
        assert!(poll_once(&mut publishing).is_pending());
        assert!(poll_once(&mut publishing).is_pending());
    });
    assert_eq!(trace.take(), "first begins\nfirst 1\nfirst is cut off");
    expect![[r#"
        WARN publish dropped half-way: event="cancellation::Outer" cancelled="cancellation::publish_inner" never_started=""
        WARN publish dropped half-way: event="cancellation::InTurn" cancelled="first" never_started="second, third""#]].assert_eq(&log);
}

#[test]
fn events_that_were_returned_before_the_cut_are_logged() {
    #[event(async)]
    struct Begun;

    #[event(async)]
    struct Returned;

    let bus = Bus::isolated()
        .subscribe("returns", |_: &Begun| Returned)
        .subscribe("waits", |_: &Begun| std::future::pending::<()>())
        .build()
        .unwrap();
    let log = LogRecorder::record(|| {
        let mut publishing = bus.publish(&Begun);
        assert!(poll_once(&mut publishing).is_pending());
    });
    expect![[r#"
        WARN publish dropped half-way: event="cancellation::Begun" cancelled="waits" never_started=""
        WARN publish dropped before all returned events were published: event="cancellation::Begun" discarded="cancellation::Returned""#]].assert_eq(&log);
}

#[test]
fn events_that_wait_behind_the_one_that_is_cut_off_are_logged() {
    #[event(async)]
    struct Begun;

    #[event(async)]
    struct Waiting;

    #[event]
    struct Behind;

    let bus = Bus::isolated()
        .subscribe("returns", |_: &Begun| (Waiting, Behind))
        .subscribe("waits", |_: &Waiting| std::future::pending::<()>())
        .build()
        .unwrap();
    let log = LogRecorder::record(|| {
        let mut publishing = bus.publish(&Begun);
        assert!(poll_once(&mut publishing).is_pending());
    });
    expect![[r#"
        WARN publish dropped half-way: event="cancellation::Waiting" cancelled="waits" never_started=""
        WARN publish dropped before all returned events were published: event="cancellation::Begun" discarded="cancellation::Behind""#]].assert_eq(&log);
}
