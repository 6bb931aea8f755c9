//! Deliveries: the event, the handler, the line, and the causes that `&Delivery` tells.

use eventful::{Bus, Cause, Delivery, event, handler, handlers};
use expect_test::expect;

use crate::Trace;
use crate::generic::Created;

#[event]
struct Grandparent;

#[event]
struct Parent;

#[event(name = "the.child")]
struct Child;

#[handler(Grandparent)]
fn raise(_: &Grandparent, bus: &Bus) {
    // A scope in between is no cause.
    bus.scope(|| Parent.publish()).unwrap();
}

#[handler(Parent, id = "the.parent")]
fn bear(_: &Parent, bus: &Bus) {
    bus.publish(&Child).unwrap();
}

#[handler(Child)]
fn tell(_: &Child, delivery: &Delivery, trace: &Trace) {
    let step = |cause: &Cause| format!("{} on {}", cause.handler().id(), cause.event_name());
    trace.add(format!(
        "{} to {}",
        delivery.event_name(),
        delivery.handler().id()
    ));
    trace.add(format!("cause: {:?}", delivery.cause().as_ref().map(step)));
    trace.add(format!(
        "causes: {:?}",
        delivery.causes().iter().map(step).collect::<Vec<_>>()
    ));
    let lines = delivery
        .causes()
        .iter()
        .map(|cause| cause.published_at().line())
        .collect::<Vec<_>>();
    trace.add(format!("{} {lines:?}", delivery.published_at().line()));
    assert!(
        std::thread::scope(|scope| scope
            .spawn(|| format!("{delivery:?}").contains("the.child"))
            .join())
        .unwrap()
    );
}

#[handler(Located)]
#[track_caller]
fn tracks_its_caller(_: &Located, trace: &Trace) {
    trace.add(std::panic::Location::caller().line().to_string());
}

struct Tracking;

// The compiler evaluates the `cfg_attr` of a function before it calls `#[handler]`; that of a method comes as it is.
#[expect(clippy::unused_self, reason = "it is about methods")]
#[handlers]
impl Tracking {
    #[handler(Located)]
    #[cfg_attr(all(), cfg_attr(all(), inline, track_caller))]
    fn tracks_its_caller(&self, _: &Located, trace: &Trace) {
        trace.add(std::panic::Location::caller().line().to_string());
    }
}

#[event]
struct Located;

#[test]
fn the_caller_of_a_handler_is_the_line_of_its_name() {
    let trace = Trace::default();
    let bus = Bus::isolated()
        .with(tracks_its_caller)
        .with(Tracking::tracks_its_caller)
        .provide(Tracking)
        .provide(trace.clone())
        .build()
        .unwrap();
    bus.publish(&Located).unwrap();
    let lines = bus.handlers::<Located>().iter();
    let lines: Vec<_> = lines.map(|handler| handler.line().to_string()).collect();
    assert_eq!(trace.take(), lines.join("\n"));
}

#[test]
fn it_tells_event_handler_line_and_every_cause() {
    let trace = Trace::default();
    let bus = Bus::isolated()
        .provide(trace.clone())
        .with(raise)
        .with(bear)
        .with(tell)
        .build()
        .unwrap();
    let line = line!() + 1;
    bus.publish(&Grandparent).unwrap();
    let text = trace
        .take()
        .replace(&format!(", {line}]"), ", the test's line]");
    expect![[r#"
        the.child to behaviours::delivery::tell
        cause: Some("the.parent on behaviours::delivery::Parent")
        causes: ["the.parent on behaviours::delivery::Parent", "behaviours::delivery::raise on behaviours::delivery::Grandparent"]
        26 [21, the test's line]"#]]
    .assert_eq(&text);

    bus.publish(&Child).unwrap();
    assert!(trace.take().contains("cause: None\ncauses: []"));
}

#[test]
fn r85_a_handler_may_ask_for_the_envelope_beside_the_event() {
    #[handler(Created<&'static str>)]
    fn word_created(event: &Created<&'static str>, delivery: &Delivery, trace: &Trace) {
        let line = delivery.published_at().line();
        trace.add(format!(
            "{} of {} at {line}",
            event.entity,
            delivery.event_name()
        ));
    }

    let (trace, builder) = Trace::with_bus();
    let bus = builder.with(word_created).build().unwrap();
    let line = line!() + 1;
    trace.report(&bus.publish(&Created { entity: "word" }));
    let expected =
        format!("word of behaviours::generic::Created<&str> at {line}\nreport: 1 handled");
    assert_eq!(trace.take(), expected);
}

#[test]
fn r126_a_nested_event_carries_what_started_it() {
    #[event]
    struct Grandparent;

    #[event]
    struct Parent;

    #[event]
    struct Child;

    #[handler(Grandparent)]
    fn raise(_: &Grandparent) {
        Parent.publish().unwrap();
    }

    #[handler(Parent)]
    fn bear(_: &Parent, bus: &Bus) {
        bus.publish(&Child).unwrap();
    }

    #[handler(Child)]
    fn tell(_: &Child, delivery: &Delivery, trace: &Trace) {
        trace.add(format!("{} causes", delivery.causes().len()));
        for cause in delivery.causes() {
            trace.add(format!(
                "{} on {}",
                cause.handler().id(),
                cause.event_name()
            ));
        }
    }

    let (trace, builder) = Trace::with_bus();
    let bus = builder.with(raise).with(bear).with(tell).build().unwrap();
    trace.report(&bus.publish(&Grandparent));
    trace.report(&bus.publish(&Child));
    expect![[r"
        2 causes
        behaviours::delivery::bear on behaviours::delivery::Parent
        behaviours::delivery::raise on behaviours::delivery::Grandparent
        report: 1 handled
        0 causes
        report: 1 handled"]]
    .assert_eq(&trace.take());
}

#[test]
fn r126_a_returned_event_carries_what_started_it() {
    #[event]
    struct First;

    #[event]
    struct Second;

    #[event]
    struct Third;

    #[handler(First)]
    fn return_second(_: &First) -> Second {
        Second
    }

    #[handler(Second)]
    fn return_third(_: &Second) -> Third {
        Third
    }

    #[handler(Third)]
    fn tell(_: &Third, delivery: &Delivery, trace: &Trace) -> Result<(), String> {
        for cause in delivery.causes() {
            trace.add(format!(
                "{} on {}",
                cause.handler().id(),
                cause.event_name()
            ));
        }
        Err(String::from("no"))
    }

    let (trace, builder) = Trace::with_bus();
    let bus = builder
        .with(return_second)
        .with(return_third)
        .with(tell)
        .build()
        .unwrap();
    let result = bus.publish(&First);
    trace.report(&result);
    for cause in result.unwrap_err().failures()[0].causes() {
        trace.add(format!("the failure: {}", cause.handler().id()));
    }
    expect![[r"
        behaviours::delivery::return_third on behaviours::delivery::Second
        behaviours::delivery::return_second on behaviours::delivery::First
        report: 1 handled, 2 cascaded; tell failed: no
        the failure: behaviours::delivery::return_third
        the failure: behaviours::delivery::return_second"]]
    .assert_eq(&trace.take());
}
