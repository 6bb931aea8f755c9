//! Loans: the publisher of an event lends something to its handlers for one publish.

mod asynchronous;
mod forms;
mod wiring;

use eventful::testing::Recorder;
use eventful::{AnyEvent, Bus, Delivery, event, family, handler};
use expect_test::expect;

use crate::trace::{Trace, ids};

/// The user of a request.
#[derive(Debug)]
struct User(&'static str);

/// The lines of a transaction.
type Lines = Vec<String>;

#[event(with = User)]
struct OrderPlaced;

#[event(fail_fast, with = mut Lines)]
#[derive(Clone, Debug)]
struct OrderSaved {
    items: u32,
}

#[handler(OrderPlaced)]
fn audit(_: &OrderPlaced, user: &User, trace: &Trace) {
    trace.add(format!("audit of {}", user.0));
}

#[handler(OrderPlaced, order = 1)]
fn greet(_: &OrderPlaced, delivery: &Delivery, user: Option<&User>, _: &User) {
    assert_eq!(user.map(|user| user.0), Some("ada"), "{delivery:?}");
}

#[handler(OrderSaved)]
fn write_order(_: &OrderSaved, lines: &mut Lines) {
    lines.push(String::from("order"));
}

#[handler(OrderSaved, after = write_order)]
fn write_stock(event: &OrderSaved, lines: &mut Lines) -> Result<(), String> {
    if event.items > 9 {
        return Err(String::from("only nine"));
    }
    lines.push(String::from("stock"));
    Ok(())
}

#[handler(OrderSaved, after = write_stock)]
fn write_mail(_: &OrderSaved, lines: &mut Lines, trace: &Trace) {
    lines.push(String::from("mail"));
    trace.add(lines.join(" "));
}

fn bus_of_saved(trace: &Trace) -> Bus {
    Bus::isolated()
        .provide(trace.clone())
        .with(write_order)
        .with(write_stock)
        .with(write_mail)
        .build()
        .unwrap()
}

#[test]
fn r190_what_is_lent_is_a_parameter_beside_resources_and_needs_no_provider() {
    let (trace, builder) = Trace::with_bus();
    let bus = builder.with(audit).with(greet).build().unwrap();
    trace.report(&bus.publish_with(&OrderPlaced, &User("ada")));
    // The ambient publish lends it, too.
    trace.report(&bus.scope(|| OrderPlaced.publish(&User("ada"))));
    expect![[r"
        audit of ada
        report: 2 handled
        audit of ada
        report: 2 handled"]]
    .assert_eq(&trace.take());
}

#[test]
fn what_is_lent_comes_before_a_resource_of_the_same_type() {
    let (trace, builder) = Trace::with_bus();
    let bus = builder.provide(User("eve")).with(audit).build().unwrap();
    bus.publish_with(&OrderPlaced, &User("ada")).unwrap();
    assert_eq!(trace.take(), "audit of ada");
}

#[test]
fn r191_handlers_have_a_mutable_loan_in_turn() {
    let trace = Trace::default();
    let bus = bus_of_saved(&trace);
    let mut lines = Lines::new();
    for _ in 0..2 {
        trace.report(&bus.publish_with(&OrderSaved { items: 1 }, &mut lines));
    }
    expect![[r"
        order stock mail
        report: 3 handled
        order stock mail order stock mail
        report: 3 handled"]]
    .assert_eq(&trace.take());
}

#[test]
fn r192_a_handler_that_fails_lets_the_publisher_roll_back() {
    let trace = Trace::default();
    let bus = bus_of_saved(&trace);
    let mut lines = Lines::new();
    trace.report(&bus.publish_with(&OrderSaved { items: 10 }, &mut lines));
    assert_eq!(
        trace.take(),
        "report: 2 handled; write_stock failed: only nine"
    );
    assert_eq!(lines, ["order"], "the later handler has not run");
}

#[test]
fn a_loan_is_back_after_a_handler_that_panics() {
    #[event(with = mut Lines)]
    struct Shaken;

    #[handler(Shaken, order = 1)]
    fn panics(_: &Shaken, lines: &mut Lines) {
        lines.push(String::from("before"));
        panic!("on purpose");
    }

    #[handler(Shaken, order = 2)]
    fn goes_on(_: &Shaken, lines: &mut Lines) {
        lines.push(String::from("after"));
    }

    let trace = Trace::default();
    let bus = Bus::isolated().with(panics).with(goes_on).build().unwrap();
    let mut lines = Lines::new();
    trace.report(&bus.publish_with(&Shaken, &mut lines));
    assert_eq!(
        trace.take(),
        "report: 2 handled; panics panicked: on purpose"
    );
    assert_eq!(lines, ["before", "after"]);
}

#[test]
fn r193_a_handler_lends_what_it_was_lent_to_a_nested_publish() {
    #[event(with = mut Lines)]
    struct Outer;

    #[handler(Outer, order = 1)]
    fn nests(_: &Outer, lines: &mut Lines, bus: &Bus) {
        lines.push(String::from("outer"));
        let failed = bus.publish_with(&OrderSaved { items: 10 }, lines);
        assert_eq!(failed.unwrap_err().failures().len(), 1);
        // On the current bus.
        OrderSaved { items: 1 }.publish(&mut *lines).unwrap();
        lines.push(String::from("outer again"));
    }

    #[handler(Outer, order = 2)]
    fn is_last(_: &Outer, lines: &mut Lines) {
        lines.push(String::from("last"));
    }

    let trace = Trace::default();
    let bus = bus_of_saved(&trace).derive().with(nests).with(is_last);
    let bus = bus.build().unwrap();
    let mut lines = Lines::new();
    bus.publish_with(&Outer, &mut lines).unwrap();
    expect!["outer order order stock mail outer again last"].assert_eq(&lines.join(" "));
}

#[test]
fn r194_events_that_handlers_return_are_lent_nothing() {
    #[event(with = mut Lines)]
    struct Packed;

    #[event]
    struct Shipped;

    #[handler(Packed)]
    fn ship(_: &Packed, lines: &mut Lines) -> Shipped {
        lines.push(String::from("packed"));
        Shipped
    }

    #[handler(Shipped)]
    fn tell(_: &Shipped, trace: &Trace, delivery: &Delivery) {
        let cause = delivery.cause().expect("a handler returned it");
        trace.add(format!(
            "shipped after {}",
            cause.event_name().rsplit("::").next().unwrap()
        ));
    }

    let (trace, builder) = Trace::with_bus();
    let bus = builder.with(ship).with(tell).build().unwrap();
    let mut lines = Lines::new();
    trace.report(&bus.publish_with(&Packed, &mut lines));
    expect![[r"
        shipped after Packed
        report: 1 handled, 1 cascaded"]]
    .assert_eq(&trace.take());
    assert_eq!(lines, ["packed"]);
}

#[family]
trait Audited {
    fn what(&self) -> &'static str;
}

#[event(with = mut Lines, as(dyn Audited))]
struct Refunded;

impl Audited for Refunded {
    fn what(&self) -> &'static str {
        "a refund"
    }
}

#[handler(dyn Audited)]
fn hear_family(event: &dyn Audited, trace: &Trace) {
    trace.add(event.what());
}

#[handler(dyn AnyEvent)]
fn hear_all(event: &dyn AnyEvent, trace: &Trace) {
    trace.add(event.event_name().rsplit("::").next().unwrap());
}

#[test]
fn r195_families_closures_and_observers_hear_it_and_are_lent_nothing() {
    let (trace, builder) = Trace::with_bus();
    let heard = trace.clone();
    let bus = builder
        .with(hear_family)
        .with(hear_all)
        .subscribe("closure", move |_: &Refunded| heard.add("closure"))
        .build()
        .unwrap();
    trace.report(&bus.publish_with(&Refunded, &mut Lines::new()));
    expect![[r"
        a refund
        Refunded
        closure
        report: 3 handled"]]
    .assert_eq(&trace.take());
}

#[test]
fn it_is_captured_faked_and_replaced_like_any_event() {
    let trace = Trace::default();
    let recorder = Recorder::new();
    let bus = bus_of_saved(&trace)
        .derive()
        .capture::<OrderSaved>(&recorder)
        .replace(write_mail, |_: &OrderSaved| ())
        .without(write_order)
        .build()
        .unwrap();
    let mut lines = Lines::new();
    bus.publish_with(&OrderSaved { items: 3 }, &mut lines)
        .unwrap();
    assert_eq!(ids::<OrderSaved>(&bus), "write_stock write_mail");
    assert_eq!(lines, ["stock"]);
    recorder.assert_any(|event: &OrderSaved| event.items == 3);

    let fake = bus.derive().fake::<OrderSaved>(&recorder).build().unwrap();
    let delivered = fake
        .publish_with(&OrderSaved { items: 4 }, &mut lines)
        .unwrap();
    assert_eq!((delivered.handled(), lines.len()), (0, 1));
    recorder.assert_any(|event: &OrderSaved| event.items == 4);
}

#[test]
fn too_deep_a_publish_is_refused_and_lends_nothing() {
    let trace = Trace::default();
    let bus = bus_of_saved(&trace)
        .derive()
        .nesting_limit(0)
        .build()
        .unwrap();
    let mut lines = Lines::new();
    let error = bus
        .publish_with(&OrderSaved { items: 1 }, &mut lines)
        .unwrap_err();
    assert!(error.refusal().is_some());
    assert!(lines.is_empty());
}
