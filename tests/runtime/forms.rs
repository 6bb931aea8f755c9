//! Shapes of events and forms of handlers.

use std::sync::Arc;

use eventful::{Bus, event, handler};
use expect_test::expect;

use crate::Trace;

#[event]
struct Unit;

#[event]
struct Tuple(u32, &'static str);

#[event]
#[derive(Clone)]
struct Named {
    first: String,
    second: Vec<u8>,
}

#[event]
enum Choice {
    Empty,
    Tuple(i64),
    Named { text: &'static str },
}

#[event(name = "renamed.event")]
struct Renamed;

#[handler(Unit)]
fn on_unit(_: &Unit, trace: &Trace) {
    trace.add("unit");
}

#[handler]
fn on_tuple(Tuple(number, text): &Tuple, trace: &Trace) {
    trace.add(format!("tuple {number} {text}"));
}

#[handler(Named)]
fn on_named(Named { first, second }: &Named, trace: &Trace) {
    trace.add(format!("named {first} {second:?}"));
}

#[handler(Choice)]
fn on_choice(event: &Choice, trace: &Trace) {
    trace.add(match event {
        Choice::Empty => String::from("choice empty"),
        Choice::Tuple(number) => format!("choice tuple {number}"),
        Choice::Named { text } => format!("choice named {text}"),
    });
}

#[handler(Renamed, id = "its.own.id")]
fn on_renamed(_: &Renamed, trace: &Trace) {
    trace.add("renamed");
}

fn bus(trace: &Arc<Trace>) -> Bus {
    Bus::isolated()
        .provide_arc(Arc::clone(trace))
        .with(on_unit)
        .with(on_tuple)
        .with(on_named)
        .with(on_choice)
        .with_id("its.own.id")
        .build()
        .expect("the wiring is right")
}

#[test]
fn every_shape_reaches_its_own_handlers_with_its_own_values() {
    let trace = Arc::new(Trace::default());
    let bus = bus(&trace);
    for round in 0..2 {
        bus.publish(&Unit).unwrap();
        bus.publish(&Tuple(round, "text")).unwrap();
        bus.publish(&Named {
            first: String::from("a"),
            second: vec![1, 2],
        })
        .unwrap();
        bus.publish(&Choice::Empty).unwrap();
        bus.publish(&Choice::Tuple(-1)).unwrap();
        bus.publish(&Choice::Named { text: "x" }).unwrap();
        bus.publish(&Renamed).unwrap();
    }
    expect![[r"
        unit
        tuple 0 text
        named a [1, 2]
        choice empty
        choice tuple -1
        choice named x
        renamed
        unit
        tuple 1 text
        named a [1, 2]
        choice empty
        choice tuple -1
        choice named x
        renamed"]]
    .assert_eq(&trace.take());
}

#[test]
fn names_and_ids_are_paths_unless_given() {
    use eventful::Event;

    assert_eq!(Named::NAME, "runtime::forms::Named");
    assert_eq!(Renamed::NAME, "renamed.event");
    let trace = Arc::new(Trace::default());
    let bus = bus(&trace);
    let id = |handlers: &[eventful::HandlerInfo]| handlers[0].id().to_owned();
    assert_eq!(id(bus.handlers::<Named>()), "runtime::forms::on_named");
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
