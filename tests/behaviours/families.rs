//! Families of events, handlers of several events, and the handlers of all events.

mod members;

use std::fmt::Debug;

use eventful::{AnyEvent, Delivery, event, family, handler};
use expect_test::expect;

use crate::Trace;
use crate::executor::block_on;
use crate::generic::{Created, number_created};

#[family]
trait Auditable {
    fn line(&self) -> String;
}

#[family]
trait Priced {
    fn price(&self) -> u32;
}

#[event(as(dyn Auditable, dyn Priced))]
struct Ordered(u32);

#[event(async, as(dyn Auditable))]
struct Shipped;

/// A member however it is instantiated.
#[event(as(dyn Auditable))]
struct Changed<T: Debug + Send + Sync + 'static>(T);

/// Implements the traits, but says nothing of families.
#[event]
struct Unaudited;

impl Auditable for Ordered {
    fn line(&self) -> String {
        format!("ordered {}", self.0)
    }
}

impl Priced for Ordered {
    fn price(&self) -> u32 {
        self.0
    }
}

impl Auditable for Shipped {
    fn line(&self) -> String {
        String::from("shipped")
    }
}

impl<T: Debug + Send + Sync + 'static> Auditable for Changed<T> {
    fn line(&self) -> String {
        format!("changed to {:?}", self.0)
    }
}

impl Auditable for Unaudited {
    fn line(&self) -> String {
        String::from("unaudited")
    }
}

#[handler(dyn Auditable)]
fn audit(event: &dyn Auditable, trace: &Trace) {
    trace.add(format!("audit: {}", event.line()));
}

#[test]
fn r77_a_family_handler_gets_every_instantiation_of_a_generic_member() {
    let (trace, builder) = Trace::with_bus();
    let bus = builder.with(audit).with(number_created).build().unwrap();
    trace.report(&bus.publish(&Changed(7)));
    trace.report(&bus.publish(&Changed("text")));
    trace.report(&bus.publish(&Changed(vec![Some('c')])));
    trace.report(&bus.publish(&Created { entity: 7_u32 }));
    expect![[r#"
        audit: changed to 7
        report: 1 handled
        audit: changed to "text"
        report: 1 handled
        audit: changed to [Some('c')]
        report: 1 handled
        number 7
        report: 1 handled"#]]
    .assert_eq(&trace.take());
}

#[test]
fn r78_a_family_handler_gets_every_member_once_and_nobody_else() {
    let (trace, builder) = Trace::with_bus();
    let bus = builder.with(audit).build().unwrap();
    trace.report(&bus.publish(&Ordered(1)));
    trace.report(&block_on(bus.publish(&Shipped)));
    trace.report(&bus.publish(&Changed(true)));
    trace.report(&bus.publish(&Unaudited));
    expect![[r"
        audit: ordered 1
        report: 1 handled
        audit: shipped
        report: 1 handled
        audit: changed to true
        report: 1 handled
        report: 0 handled"]]
    .assert_eq(&trace.take());
    assert_eq!(Unaudited.line(), "unaudited");
}

#[test]
fn r78_family_and_own_handlers_run_in_one_order() {
    #[handler(Ordered, order = -1)]
    fn own_early(event: &Ordered, trace: &Trace) {
        trace.add(format!("own {}", event.0));
    }

    #[handler(Ordered, order = 1, after = price)]
    fn own_late(_: &Ordered, trace: &Trace) {
        trace.add("own, after the family's");
    }

    #[handler(dyn Priced, order = 1)]
    fn price(event: &dyn Priced, trace: &Trace) -> Result<(), String> {
        trace.add(format!("price {}", event.price()));
        Err(String::from("too much"))
    }

    let (trace, builder) = Trace::with_bus();
    let seen = trace.clone();
    let bus = builder
        .with(own_late)
        .with(price)
        .with(audit)
        .with(own_early)
        .subscribe("closure", move |event: &dyn Auditable| {
            seen.add(format!("closure: {}", event.line()));
        })
        .build()
        .unwrap();
    trace.report(&bus.publish(&Ordered(3)));
    expect![[r"
        own 3
        audit: ordered 3
        closure: ordered 3
        price 3
        own, after the family's
        report: 5 handled; price failed: too much"]]
    .assert_eq(&trace.take());
}

#[handler(Ordered, Changed<u8>, order = 5)]
fn listed<E: Auditable>(event: &E, delivery: &Delivery, trace: &Trace) {
    trace.add(format!("{}: {}", delivery.event_name(), event.line()));
}

#[test]
fn r82_a_handler_of_a_list_gets_each_of_the_listed_events_and_no_other() {
    let (trace, builder) = Trace::with_bus();
    let bus = builder
        .with(listed::<Ordered>)
        .with(listed::<Changed<u8>>)
        .build()
        .unwrap();
    trace.report(&bus.publish(&Ordered(1)));
    trace.report(&bus.publish(&Changed(2_u8)));
    trace.report(&bus.publish(&Changed(2_u16)));
    trace.report(&block_on(bus.publish(&Shipped)));
    let without = bus.derive().without(listed::<Ordered>).build().unwrap();
    trace.report(&without.publish(&Ordered(1)));
    trace.report(&without.publish(&Changed(3_u8)));
    expect![[r"
        behaviours::families::Ordered: ordered 1
        report: 1 handled
        behaviours::families::Changed<u8>: changed to 2
        report: 1 handled
        report: 0 handled
        report: 0 handled
        report: 0 handled
        behaviours::families::Changed<u8>: changed to 3
        report: 1 handled"]]
    .assert_eq(&trace.take());
}

#[test]
fn r83_a_catch_all_sees_every_event_nested_and_returned_ones_too() {
    #[event]
    struct Begun;

    #[event]
    struct Nested;

    #[event]
    struct Followed;

    #[handler(Begun)]
    fn begin(_: &Begun, trace: &Trace) -> Followed {
        trace.add("begin");
        Nested.publish().unwrap();
        Followed
    }

    #[handler(dyn AnyEvent, order = 10)]
    fn last(event: &dyn AnyEvent, trace: &Trace) {
        let name = event.event_name().rsplit("::").next().unwrap_or_default();
        trace.add(format!("last: {name}, begun: {}", event.is::<Begun>()));
    }

    #[handler(dyn AnyEvent, order = -10)]
    fn first(event: &dyn AnyEvent, trace: &Trace) {
        let name = event.event_name().rsplit("::").next().unwrap_or_default();
        trace.add(format!("first: {name}"));
    }

    let (trace, builder) = Trace::with_bus();
    let bus = builder.with(begin).with(last).with(first).build().unwrap();
    trace.report(&bus.publish(&Begun));
    trace.report(&block_on(bus.publish(&Shipped)));
    trace.report(&bus.publish(&Created { entity: 'x' }));
    expect![[r"
        first: Begun
        begin
        first: Nested
        last: Nested, begun: false
        last: Begun, begun: true
        first: Followed
        last: Followed, begun: false
        report: 3 handled, 1 cascaded
        first: Shipped
        last: Shipped, begun: false
        report: 2 handled
        first: Created<char>
        last: Created<char>, begun: false
        report: 2 handled"]]
    .assert_eq(&trace.take());
}

#[family]
trait Greeted {
    fn name(&self) -> &'static str;
}

#[event(as(dyn Greeted))]
struct Entered;

impl Greeted for Entered {
    fn name(&self) -> &'static str {
        "Ada"
    }
}

#[test]
fn r12_a_handler_that_two_routes_lead_to_runs_once() {
    #[handler(Entered, dyn Greeted)]
    fn greet<E: Greeted + ?Sized>(event: &E, trace: &Trace) {
        trace.add(format!("hello {}", event.name()));
    }

    let (trace, builder) = Trace::with_bus();
    let bus = builder
        .with(greet::<Entered>)
        .with(greet::<dyn Greeted>)
        .build()
        .unwrap();
    trace.report(&bus.publish(&Entered));
    let by_the_family = bus.derive().without(greet::<Entered>).build().unwrap();
    trace.report(&by_the_family.publish(&Entered));
    expect![[r"
        hello Ada
        report: 1 handled
        hello Ada
        report: 1 handled"]]
    .assert_eq(&trace.take());
}
