//! Shapes of events and forms of handlers.

use std::sync::Arc;

use eventful::{Bus, Delivery, event, handler, handlers};
use expect_test::expect;

use crate::Trace;

struct Teller {
    name: &'static str,
}

#[event]
struct Unit;

#[event]
struct Tuple(u8, &'static str);

#[event]
struct Named {
    text: String,
}

#[event]
enum Choice {
    This,
    That(u8),
}

#[event]
struct Generic<T>(T);

#[handlers]
impl Teller {
    #[handler(Tuple)]
    fn method(&self, event: &Tuple, trace: &Trace) {
        trace.add(format!("method of {}: {} {}", self.name, event.0, event.1));
    }
}

#[event(name = "renamed.event")]
struct Renamed;

#[handler(Unit)]
fn on_unit(_: &Unit, trace: &Trace) {
    trace.add("unit");
}

#[handler(Named)]
fn on_named(_: &Named) {}

#[handler(Renamed, id = "its.own.id")]
fn on_renamed(_: &Renamed, trace: &Trace) {
    trace.add("renamed");
}

#[test]
fn names_and_ids_are_paths_unless_given() {
    use eventful::Event;

    assert_eq!(Named::NAME, "behaviours::forms::Named");
    assert_eq!(Renamed::NAME, "renamed.event");
    let (_, builder) = Trace::with_bus();
    let bus = builder
        .with(on_named)
        .with_id("its.own.id")
        .build()
        .unwrap();
    let id = |handlers: &[eventful::HandlerInfo]| handlers[0].id().to_owned();
    assert_eq!(id(bus.handlers::<Named>()), "behaviours::forms::on_named");
    assert_eq!(id(bus.handlers::<Renamed>()), "its.own.id");
}

#[test]
fn a_handler_is_an_ordinary_function() {
    let trace = Trace::default();
    on_unit(&Unit, &trace);
    assert_eq!(trace.take(), "unit");
}

#[test]
fn functions_in_function_bodies_share_an_id_and_differ_by_line() {
    #[event]
    struct Local;

    fn first(trace: &Trace) -> Bus {
        #[handler(Local)]
        fn same(_: &Local) {}

        trace.add("first");
        Bus::isolated().with(same).build().unwrap()
    }

    fn second(trace: &Trace) -> Bus {
        #[handler(Local)]
        fn same(_: &Local) {}

        trace.add("second");
        Bus::isolated().with(same).build().unwrap()
    }

    let trace = Trace::default();
    let (first, second) = (first(&trace), second(&trace));
    let (first, second) = (first.handlers::<Local>()[0], second.handlers::<Local>()[0]);
    assert_eq!(first.id(), second.id());
    assert!(first.line() < second.line());
    assert_eq!(
        Bus::isolated()
            .with_id(first.id())
            .build()
            .unwrap()
            .handlers::<Local>(),
        [first, second]
    );
}

#[test]
fn no_id_of_a_users_is_special() {
    #[event]
    struct Usual;

    #[handler(Usual, id = "eventful::Sentinel")]
    fn usual(_: &Usual) {}

    assert_eq!(
        Bus::isolated()
            .with(usual)
            .build()
            .unwrap()
            .handlers::<Usual>()
            .len(),
        1
    );
}

#[test]
fn r14_functions_methods_and_closures_handle_events_of_every_shape() {
    #[handler(Unit)]
    fn all_that_is_offered(
        _: &Unit,
        trace: &Trace,
        this: &Bus,
        delivery: &Delivery,
        no: Option<&u8>,
    ) {
        let handlers = this.handlers::<Unit>().len();
        trace.add(format!("{} {handlers} {no:?}", delivery.event_name()));
    }

    #[handler(Unit)]
    fn nothing_but_the_event(_: &Unit) {}

    #[handler]
    fn patterns(Named { text }: &Named, trace: &Trace) {
        trace.add(format!("named {text}"));
    }

    #[handler(Choice)]
    fn variants(event: &Choice, trace: &Trace) {
        match event {
            Choice::This => trace.add("this"),
            Choice::That(number) => trace.add(format!("that {number}")),
        }
    }

    let (trace, builder) = Trace::with_bus();
    let seen = trace.clone();
    let bus = builder
        .provide_arc(Arc::new(Teller { name: "Tom" }))
        .with(all_that_is_offered)
        .with(nothing_but_the_event)
        .with(patterns)
        .with(variants)
        .with(Teller::method)
        .subscribe("closure", move |event: &Generic<char>| {
            seen.add(format!("generic {}", event.0));
        })
        .build()
        .unwrap();
    trace.report(&bus.publish(&Unit));
    trace.report(&bus.publish(&Tuple(1, "one")));
    trace.report(&bus.publish(&Named { text: "n".into() }));
    trace.report(&bus.publish(&Choice::This));
    trace.report(&bus.publish(&Choice::That(2)));
    trace.report(&bus.publish(&Generic('g')));
    expect![[r"
        behaviours::forms::Unit 2 None
        report: 2 handled
        method of Tom: 1 one
        report: 1 handled
        named n
        report: 1 handled
        this
        report: 1 handled
        that 2
        report: 1 handled
        generic g
        report: 1 handled"]]
    .assert_eq(&trace.take());
}
