//! Events that handlers return.

mod asynchronous;
mod either;
mod never;
mod published;
mod random;

use std::thread;

use eventful::{Bus, event, handler};
use expect_test::expect;

use crate::Trace;

#[event]
struct Asking(u32);

#[event]
struct Told(&'static str);

#[handler(Asking, order = 1)]
fn nothing_if_zero(event: &Asking, trace: &Trace) -> Option<Told> {
    trace.add("first handler");
    (event.0 > 0).then_some(Told("first"))
}

#[handler(Asking, order = 2)]
fn many(event: &Asking, trace: &Trace) -> (Vec<Told>, ()) {
    trace.add("second handler");
    ((0..event.0).map(|_| Told("second")).collect(), ())
}

#[handler(Asking, order = 3)]
fn fails_if_large(event: &Asking, trace: &Trace) -> Result<Told, String> {
    trace.add("third handler");
    if event.0 > 1 {
        return Err(String::from("too large"));
    }
    Ok(Told("third"))
}

#[handler(Told)]
fn told(event: &Told, trace: &Trace) {
    trace.add(format!("told by the {}", event.0));
}

#[test]
fn r61_returned_events_are_published_when_all_handlers_have_run_and_nothing_publishes_nothing() {
    let (trace, builder) = Trace::with_bus();
    let bus = builder
        .with(nothing_if_zero)
        .with(many)
        .with(fails_if_large)
        .with(told)
        .build()
        .unwrap();
    for number in 0..3 {
        trace.report(&bus.publish(&Asking(number)));
    }
    expect![[r"
        first handler
        second handler
        third handler
        told by the third
        report: 3 handled, 1 cascaded
        first handler
        second handler
        third handler
        told by the first
        told by the second
        told by the third
        report: 3 handled, 3 cascaded
        first handler
        second handler
        third handler
        told by the first
        told by the second
        told by the second
        report: 3 handled, 3 cascaded; fails_if_large failed: too large"]]
    .assert_eq(&trace.take());
}

#[test]
fn r61_returned_events_are_breadth_first() {
    #[event]
    struct Node(&'static str, u32);

    #[handler(Node, order = 1)]
    fn left(node: &Node, trace: &Trace) -> Option<Node> {
        trace.add(format!("{} in the left at {}", node.0, node.1));
        (node.1 < 2).then_some(Node("left", node.1 + 1))
    }

    #[handler(Node, order = 2)]
    fn right(node: &Node, trace: &Trace) -> Option<Node> {
        trace.add(format!("{} in the right at {}", node.0, node.1));
        (node.1 < 1).then_some(Node("right", node.1 + 1))
    }

    let (trace, builder) = Trace::with_bus();
    let bus = builder.with(left).with(right).build().unwrap();
    trace.report(&bus.publish(&Node("root", 0)));
    expect![[r"
        root in the left at 0
        root in the right at 0
        left in the left at 1
        left in the right at 1
        right in the left at 1
        right in the right at 1
        left in the left at 2
        left in the right at 2
        left in the left at 2
        left in the right at 2
        report: 2 handled, 4 cascaded"]]
    .assert_eq(&trace.take());
}

#[test]
fn r61_events_without_an_end_are_refused_at_the_limit() {
    #[event]
    struct Again(u32);

    #[handler(Again)]
    fn again(event: &Again, trace: &Trace) -> Again {
        trace.add(format!("again {}", event.0));
        Again(event.0 + 1)
    }

    let (trace, builder) = Trace::with_bus();
    let bus = builder.with(again).cascade_limit(2).build().unwrap();
    trace.report(&bus.publish(&Again(0)));
    expect![[r"
        again 0
        again 1
        again 2
        report: 1 handled, 2 cascaded; refused: handlers have returned more than 2 events, which is the limit of a publish on this bus"]].assert_eq(&trace.take());
}

#[test]
fn events_that_are_too_many_for_the_limit_are_dropped_one_after_the_other() {
    let bus = Bus::isolated()
        .subscribe("many", |event: &Asking| {
            (0..event.0).map(|_| Told("all")).collect::<Vec<_>>()
        })
        .cascade_limit(3)
        .build()
        .unwrap();
    // If each dropped the one before it, this would not end well on a small stack.
    let publish = move || bus.publish(&Asking(100_000)).unwrap_err();
    let thread = thread::Builder::new().stack_size(128 << 10).spawn(publish);
    let error = thread.unwrap().join().unwrap();
    assert_eq!(error.delivered().cascaded(), 3);
}

#[test]
fn r63_only_a_failure_of_a_handler_stops_an_event_that_fails_fast() {
    #[event(fail_fast)]
    struct Proposed(u32);

    #[handler(Proposed, order = 1, when = |event| event.0 != 0)]
    fn is_guarded(_: &Proposed, trace: &Trace) {
        trace.add("guarded");
    }

    #[handler(Proposed, order = 2)]
    fn returns_nothing(_: &Proposed, trace: &Trace) -> (Option<Told>, Vec<Told>) {
        trace.add("nothing");
        (None, Vec::new())
    }

    #[handler(Proposed, order = 3)]
    fn returns_an_event(_: &Proposed, trace: &Trace) -> Told {
        trace.add("an event");
        Told("third")
    }

    #[handler(Proposed, order = 4)]
    fn may_veto(event: &Proposed, trace: &Trace) -> Result<(), String> {
        trace.add("may veto");
        if event.0 == 2 {
            return Err(String::from("veto"));
        }
        assert!(event.0 != 3, "panic");
        Ok(())
    }

    #[handler(Proposed, order = 5)]
    fn last(_: &Proposed, trace: &Trace) {
        trace.add("last");
    }

    let (trace, builder) = Trace::with_bus();
    let bus = builder
        .with(is_guarded)
        .with(returns_nothing)
        .with(returns_an_event)
        .with(may_veto)
        .with(last)
        .with(told)
        .build()
        .unwrap();
    for number in 0..4 {
        trace.report(&bus.publish(&Proposed(number)));
    }
    expect![[r"
        nothing
        an event
        may veto
        last
        told by the third
        report: 4 handled, 1 skipped, 1 cascaded
        guarded
        nothing
        an event
        may veto
        last
        told by the third
        report: 5 handled, 1 cascaded
        guarded
        nothing
        an event
        may veto
        report: 4 handled; may_veto failed: veto
        guarded
        nothing
        an event
        may veto
        report: 4 handled; may_veto panicked: panic"]]
    .assert_eq(&trace.take());
}
