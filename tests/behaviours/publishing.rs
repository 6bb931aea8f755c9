//! One publish: the handlers that it reaches, once each.

use eventful::{event, handler};
use expect_test::expect;

use crate::Trace;

#[test]
fn r1_a_publish_calls_the_handler_once_with_the_very_value() {
    #[event]
    struct Ordered {
        id: u64,
        items: Vec<&'static str>,
    }

    #[handler(Ordered)]
    fn pack(event: &Ordered, trace: &Trace) {
        let Ordered { id, items } = event;
        trace.add(format!("pack {id} {items:?} at {event:p}"));
    }

    let (trace, builder) = Trace::with_bus();
    let bus = builder.with(pack).build().unwrap();
    let event = Ordered {
        id: u64::MAX,
        items: vec!["tea", ""],
    };
    trace.report(&bus.publish(&event));
    let expected = format!(
        "pack 18446744073709551615 [\"tea\", \"\"] at {:p}\nreport: 1 handled",
        &raw const event
    );
    assert_eq!(trace.take(), expected);
}

mod far_away {
    use eventful::handler;

    use crate::Trace;

    #[handler(super::Announced)]
    pub(super) fn in_another_module(_: &super::Announced, trace: &Trace) {
        trace.add("in another module");
    }
}

#[event]
struct Announced;

#[handler(Announced)]
fn in_this_module(_: &Announced, trace: &Trace) {
    trace.add("in this module");
}

#[test]
fn r2_every_handler_runs_on_every_publish_once_wherever_it_is() {
    #[handler(Announced)]
    fn in_a_function(_: &Announced, trace: &Trace) {
        trace.add("in a function");
    }

    let (trace, builder) = Trace::with_bus();
    let seen = trace.clone();
    let bus = builder
        .with(in_a_function)
        .with(far_away::in_another_module)
        .with(in_this_module)
        .subscribe("closure", move |_: &Announced| seen.add("closure"))
        .build()
        .unwrap();
    for _ in 0..2 {
        trace.report(&bus.publish(&Announced));
    }
    expect![[r"
        in this module
        in a function
        in another module
        closure
        report: 4 handled
        in this module
        in a function
        in another module
        closure
        report: 4 handled"]]
    .assert_eq(&trace.take());
}

#[test]
fn r3_an_event_without_handlers_is_delivered_to_nobody() {
    #[event]
    struct Unheard;

    #[event]
    struct UnheardOf<T>(T);

    #[handler(Announced)]
    fn of_another_event(_: &Announced, trace: &Trace) {
        trace.add("of another event");
    }

    let (trace, builder) = Trace::with_bus();
    let bus = builder.with(of_another_event).build().unwrap();
    trace.report(&bus.publish(&Unheard));
    trace.report(&bus.publish(&UnheardOf(1)));
    trace.report(&bus.scope(|| Unheard.publish()));
    trace.report(&bus.publish(&Announced));
    expect![[r"
        report: 0 handled
        report: 0 handled
        report: 0 handled
        of another event
        report: 1 handled"]]
    .assert_eq(&trace.take());
}

#[test]
fn r4_interleaved_events_of_several_types_stay_apart() {
    #[event]
    struct Opened(u32);

    #[event]
    struct Closed(u32);

    #[handler(Opened)]
    fn on_opened(event: &Opened, trace: &Trace) {
        trace.add(format!("opened {}", event.0));
    }

    #[handler(Closed)]
    fn on_closed(event: &Closed, trace: &Trace) {
        trace.add(format!("closed {}", event.0));
    }

    let (trace, builder) = Trace::with_bus();
    let bus = builder.with(on_opened).with(on_closed).build().unwrap();
    for number in 0..2 {
        trace.report(&bus.publish(&Opened(number)));
        trace.report(&bus.publish(&Closed(number)));
    }
    trace.report(&bus.publish(&Closed(2)));
    expect![[r"
        opened 0
        report: 1 handled
        closed 0
        report: 1 handled
        opened 1
        report: 1 handled
        closed 1
        report: 1 handled
        closed 2
        report: 1 handled"]]
    .assert_eq(&trace.take());
}

#[test]
fn r20_every_publish_on_a_faulty_default_bus_says_so() {
    // Handlers of this program need a `Trace`, which the default bus does not have.
    let trace = Trace::default();
    for _ in 0..2 {
        trace.report(&Announced.publish());
    }
    expect![[r"
        report: 0 handled; refused: no bus is installed, and the default one, which has no resources, cannot be used
        report: 0 handled; refused: no bus is installed, and the default one, which has no resources, cannot be used"]]
    .assert_eq(&trace.take());
    let error = Announced.publish().unwrap_err();
    let wiring = error.refusal().unwrap().wiring().unwrap();
    let missing = "handler behaviours::publishing::in_this_module (";
    assert!(wiring.to_string().contains(missing), "{wiring}");
}
