//! Loans to handlers that wait.

use std::ptr;
use std::sync::atomic::{AtomicPtr, Ordering};

use eventful::{AnyEvent, Bus, PublishingWith, event, family, handler};
use expect_test::expect;

use super::Lines;
use crate::executor::{block_on, poll_once, yield_now};
use crate::trace::Trace;

#[event(async, fail_fast, with = mut Lines)]
struct Paid {
    amount: u32,
}

async fn write(lines: &mut Lines, line: &str) {
    lines.push(format!("{line} begins"));
    yield_now().await;
    lines.push(format!("{line} ends"));
}

#[handler(Paid, order = 1)]
async fn first(_: &Paid, lines: &mut Lines) {
    write(lines, "first").await;
}

#[handler(Paid, order = 2)]
fn second(_: &Paid, lines: &mut Lines) {
    lines.push(String::from("second"));
}

#[handler(Paid, order = 3)]
async fn third(event: &Paid, lines: &mut Lines, trace: &Trace) -> Result<(), String> {
    write(lines, "third").await;
    trace.add("third");
    (event.amount < 10)
        .then_some(())
        .ok_or_else(|| String::from("too much"))
}

#[handler(Paid, order = 4)]
async fn fourth(_: &Paid, lines: &mut Lines) {
    write(lines, "fourth").await;
}

fn bus(trace: &Trace) -> Bus {
    Bus::isolated()
        .provide(trace.clone())
        .with(first)
        .with(second)
        .with(third)
        .with(fourth)
        .build()
        .unwrap()
}

const ALL: &str =
    "first begins, first ends, second, third begins, third ends, fourth begins, fourth ends";

#[test]
fn r196_asynchronous_handlers_have_a_mutable_loan_across_awaits_in_turn() {
    let trace = Trace::default();
    let bus = bus(&trace);
    let mut lines = Lines::new();
    trace.report(&block_on(bus.publish_with(&Paid { amount: 1 }, &mut lines)));
    assert_eq!(lines.join(", "), ALL);
    lines.clear();
    // On the current bus, which is looked up when it is first polled.
    let event = Paid { amount: 1 };
    trace.report(&block_on(bus.scope_async(event.publish(&mut lines))));
    assert_eq!(lines.join(", "), ALL);
    expect![[r"
        third
        report: 4 handled
        third
        report: 4 handled"]]
    .assert_eq(&trace.take());
}

#[test]
fn a_failure_stops_the_rest_and_the_loan_is_over() {
    let trace = Trace::default();
    let bus = bus(&trace);
    let mut lines = Lines::new();
    trace.report(&block_on(
        bus.publish_with(&Paid { amount: 10 }, &mut lines),
    ));
    expect![[r"
        third
        report: 3 handled; third failed: too much"]]
    .assert_eq(&trace.take());
    assert_eq!(lines.last().map(String::as_str), Some("third ends"));
}

#[test]
fn r197_a_publish_that_is_dropped_gives_back_what_it_was_lent() {
    let trace = Trace::default();
    let bus = bus(&trace);
    let mut lines = Lines::new();
    for polls in 0..3 {
        let event = Paid { amount: 1 };
        {
            let mut publishing = bus.publish_with(&event, &mut lines);
            for _ in 0..polls {
                assert!(poll_once(&mut publishing).is_pending());
            }
        }
        lines.push(format!("dropped after {polls}"));
    }
    expect![
        "dropped after 0, first begins, dropped after 1, first begins, first ends, second, third begins, dropped after 2"
    ]
    .assert_eq(&lines.join(", "));
    assert_eq!(trace.take(), "");
}

#[test]
fn a_publish_that_is_forgotten_never_touches_the_loan_again() {
    /// The leak is on purpose: the address keeps it reachable for those who look for leaks.
    static FORGOTTEN: AtomicPtr<()> = AtomicPtr::new(ptr::null_mut());

    let trace = Trace::default();
    let bus = bus(&trace);
    let mut lines = Lines::new();
    let event = Paid { amount: 1 };
    let mut publishing = Box::new(bus.publish_with(&event, &mut lines));
    assert!(poll_once(&mut publishing).is_pending());
    FORGOTTEN.store(Box::into_raw(publishing).cast(), Ordering::Relaxed);
    lines.push(String::from("mine"));
    assert_eq!(lines, ["first begins", "mine"]);
}

#[test]
fn its_future_is_send_and_says_how_far_it_is() {
    fn is_send<T: Send>(_: &T) {}

    let bus = bus(&Trace::default());
    let (event, mut lines) = (Paid { amount: 1 }, Lines::new());
    let mut publishing: PublishingWith<'_, Paid> = bus.publish_with(&event, &mut lines);
    is_send(&publishing);
    assert_eq!(format!("{publishing:?}"), "Publishing(unstarted)");
    assert!(poll_once(&mut publishing).is_pending());
    assert_eq!(format!("{publishing:?}"), "Publishing(under way)");
}

#[test]
fn a_handler_lends_what_it_was_lent_to_a_nested_publish() {
    #[event(async, with = mut Lines)]
    struct Outer;

    #[handler(Outer)]
    async fn nests(_: &Outer, lines: &mut Lines, bus: &Bus) {
        bus.publish_with(&Paid { amount: 1 }, &mut *lines)
            .await
            .unwrap();
        Paid { amount: 1 }.publish(lines).await.unwrap();
        lines.push(String::from("outer"));
    }

    let trace = Trace::default();
    let bus = bus(&trace).derive().with(nests).build().unwrap();
    let mut lines = Lines::new();
    block_on(bus.publish_with(&Outer, &mut lines)).unwrap();
    assert_eq!(lines.join(", "), format!("{ALL}, {ALL}, outer"));
}

#[test]
fn events_that_handlers_return_are_published_after_all_of_them() {
    #[event(async, with = mut Lines)]
    struct Packed;

    #[event(async)]
    struct Shipped;

    #[event]
    struct Counted;

    #[handler(Packed)]
    async fn ship(_: &Packed, lines: &mut Lines) -> (Shipped, Counted) {
        lines.push(String::from("packed"));
        (Shipped, Counted)
    }

    #[handler(Shipped)]
    async fn tell(_: &Shipped, trace: &Trace) {
        yield_now().await;
        trace.add("shipped");
    }

    #[handler(Counted)]
    fn count(_: &Counted, trace: &Trace) {
        trace.add("counted");
    }

    let (trace, builder) = Trace::with_bus();
    let bus = builder.with(ship).with(tell).with(count).build().unwrap();
    let mut lines = Lines::new();
    trace.report(&block_on(bus.publish_with(&Packed, &mut lines)));
    expect![[r"
        shipped
        counted
        report: 1 handled, 2 cascaded"]]
    .assert_eq(&trace.take());
}

#[test]
fn handlers_that_run_together_share_a_loan() {
    #[event(async, concurrent, with = String)]
    struct Asked;

    #[handler(Asked, order = 1)]
    async fn one(_: &Asked, text: &String, trace: &Trace) {
        trace.add(format!("one {text}"));
        yield_now().await;
        trace.add(format!("one {text} again"));
    }

    #[handler(Asked, order = 2)]
    async fn other(_: &Asked, text: Option<&String>, trace: &Trace) {
        trace.add(format!("other {}", text.unwrap()));
    }

    let (trace, builder) = Trace::with_bus();
    let bus = builder.with(one).with(other).build().unwrap();
    let text = String::from("is lent");
    block_on(bus.publish_with(&Asked, &text)).unwrap();
    assert_eq!(
        trace.take(),
        "one is lent\nother is lent\none is lent again"
    );
}

#[family(async)]
trait Audited {
    fn what(&self) -> &'static str;
}

#[event(async, with = mut Lines, as(dyn Audited))]
struct Refunded;

impl Audited for Refunded {
    fn what(&self) -> &'static str {
        "a refund"
    }
}

#[handler(dyn Audited)]
async fn hear_family(event: &dyn Audited, trace: &Trace) {
    yield_now().await;
    trace.add(event.what());
}

#[handler(dyn AnyEvent)]
fn hear_all(_: &dyn AnyEvent, trace: &Trace) {
    trace.add("any");
}

#[test]
fn families_and_closures_that_return_futures_hear_it() {
    let (trace, builder) = Trace::with_bus();
    let heard = trace.clone();
    let bus = builder
        .with(hear_family)
        .with(hear_all)
        .subscribe("closure", move |_: &Refunded| {
            let heard = heard.clone();
            async move { heard.add("closure") }
        })
        .build()
        .unwrap();
    trace.report(&block_on(bus.publish_with(&Refunded, &mut Lines::new())));
    expect![[r"
        a refund
        any
        closure
        report: 3 handled"]]
    .assert_eq(&trace.take());
}
