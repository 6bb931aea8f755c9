//! What `&Delivery` says.

use std::sync::Arc;

use eventful::{Bus, Cause, Delivery, event, handler};
use expect_test::expect;

use crate::Trace;

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

#[test]
fn it_tells_event_handler_line_and_every_cause() {
    let trace = Arc::new(Trace::default());
    let bus = Bus::isolated()
        .provide_arc(Arc::clone(&trace))
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
        the.child to runtime::delivery::tell
        cause: Some("the.parent on runtime::delivery::Parent")
        causes: ["the.parent on runtime::delivery::Parent", "runtime::delivery::raise on runtime::delivery::Grandparent"]
        27 [22, the test's line]"#]]
    .assert_eq(&text);

    bus.publish(&Child).unwrap();
    assert!(trace.take().contains("cause: None\ncauses: []"));
}
