//! Handlers that publish, and handlers that build and drop buses.

use std::sync::Mutex;

use eventful::{Bus, PublishError, WeakBus, event, handler};
use expect_test::expect;

use crate::Trace;

#[event]
struct Countdown(u32);

#[handler(Countdown, order = 1)]
fn enter(event: &Countdown, trace: &Trace) {
    trace.add(format!("enter {}", event.0));
}

#[handler(Countdown, order = 2)]
fn go_on(event: &Countdown) -> Result<(), PublishError> {
    if event.0 == 0 {
        return Ok(());
    }
    Countdown(event.0 - 1).publish().map(drop)
}

#[handler(Countdown, order = 3)]
fn leave(event: &Countdown, trace: &Trace) {
    trace.add(format!("leave {}", event.0));
}

#[test]
fn r55_a_handler_may_publish_its_own_type_and_each_level_sees_its_own_value() {
    let (trace, builder) = Trace::with_bus();
    let bus = builder.with(enter).with(go_on).with(leave).build().unwrap();
    trace.report(&bus.publish(&Countdown(2)));
    expect![[r"
        enter 2
        enter 1
        enter 0
        leave 0
        leave 1
        leave 2
        report: 3 handled"]]
    .assert_eq(&trace.take());
}

#[event]
struct Asked(u32);

#[event]
struct Answered(u32);

/// A service that handlers use, and that publishes on the bus that holds it.
struct Desk {
    bus: WeakBus,
    answers: Mutex<u32>,
}

impl Desk {
    fn ask(&self, question: u32) -> Result<(), PublishError> {
        let bus = self
            .bus
            .upgrade()
            .expect("the bus is there while it delivers");
        bus.publish(&Asked(question)).map(drop)
    }
}

#[handler(Asked)]
fn answer(event: &Asked, desk: &Desk, trace: &Trace) -> Result<(), PublishError> {
    trace.add(format!("asked {}", event.0));
    *desk.answers.lock().unwrap() += 1;
    Answered(event.0).publish().map(drop)
}

#[handler(Answered)]
fn ask_on(event: &Answered, desk: &Desk, trace: &Trace) -> Result<(), PublishError> {
    let so_far = *desk.answers.lock().unwrap();
    trace.add(format!("answered {}, {so_far} in all", event.0));
    if event.0 < 3 {
        desk.ask(event.0 + 1)
    } else {
        Ok(())
    }
}

#[test]
fn r55_publishers_and_handlers_that_need_each_other_do_not_block() {
    let (trace, builder) = Trace::with_bus();
    let bus = builder
        .provide_with(|bus| Desk {
            bus,
            answers: Mutex::new(0),
        })
        .with(answer)
        .with(ask_on)
        .build()
        .unwrap();
    trace.report(&bus.publish(&Asked(1)));
    expect![[r"
        asked 1
        answered 1, 1 in all
        asked 2
        answered 2, 2 in all
        asked 3
        answered 3, 3 in all
        report: 1 handled"]]
    .assert_eq(&trace.take());
}

#[test]
fn r55_a_chain_without_an_end_is_refused() {
    #[event]
    struct Echoed;

    #[handler(Echoed)]
    fn echo(_: &Echoed, trace: &Trace) {
        trace.add("echo");
        trace.report(&Echoed.publish());
    }

    let (trace, builder) = Trace::with_bus();
    let bus = builder.with(echo).nesting_limit(3).build().unwrap();
    trace.report(&bus.publish(&Echoed));
    expect![[r"
        echo
        echo
        echo
        report: 0 handled; refused: handlers that publish are nested 3 deep, which is the limit of this bus
        report: 1 handled
        report: 1 handled
        report: 1 handled"]]
    .assert_eq(&trace.take());
}

#[test]
fn r56_nested_publishes_are_depth_first() {
    #[event]
    struct Planted;

    #[event]
    struct Grown(&'static str);

    #[event]
    struct Picked(&'static str);

    #[handler(Planted, order = 1)]
    fn tree(_: &Planted, trace: &Trace) {
        trace.add("plant");
        Grown("apple").publish().unwrap();
        Grown("pear").publish().unwrap();
        trace.add("planted");
    }

    #[handler(Planted, order = 2)]
    fn garden(_: &Planted, trace: &Trace) {
        trace.add("close the garden");
    }

    #[handler(Grown, order = 1)]
    fn pick(event: &Grown, trace: &Trace) {
        trace.add(format!("{} has grown", event.0));
        Picked(event.0).publish().unwrap();
    }

    #[handler(Grown, order = 2)]
    fn rest(event: &Grown, trace: &Trace) {
        trace.add(format!("{} rests", event.0));
    }

    #[handler(Picked)]
    fn eat(event: &Picked, trace: &Trace) {
        trace.add(format!("{} is eaten", event.0));
    }

    let (trace, builder) = Trace::with_bus();
    let bus = builder
        .with(tree)
        .with(garden)
        .with(pick)
        .with(rest)
        .with(eat)
        .build()
        .unwrap();
    for _ in 0..2 {
        trace.report(&bus.publish(&Planted));
        expect![[r"
            plant
            apple has grown
            apple is eaten
            apple rests
            pear has grown
            pear is eaten
            pear rests
            planted
            close the garden
            report: 2 handled"]]
        .assert_eq(&trace.take());
    }
}

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

#[test]
fn r65_handlers_may_build_and_drop_buses_while_one_delivers() {
    #[event]
    struct Rebuilt;

    /// Holds the bus that the delivering one is derived from, and shares its resources with.
    struct Holder(Mutex<Option<Bus>>);

    #[handler(Rebuilt, order = 1)]
    fn derive(_: &Rebuilt, bus: &Bus, trace: &Trace) {
        let seen = trace.clone();
        let derived = bus
            .derive()
            .without(derive)
            .subscribe("new", move |_: &Rebuilt| seen.add("new"))
            .build()
            .unwrap();
        trace.report(&derived.publish(&Rebuilt));
    }

    #[handler(Rebuilt, order = 2)]
    fn drop_bus(_: &Rebuilt, holder: &Holder, trace: &Trace) {
        let held = holder.0.lock().unwrap().take();
        trace.add(format!("a bus is dropped: {}", held.is_some()));
    }

    #[handler(Rebuilt, order = 3)]
    fn last(_: &Rebuilt, trace: &Trace) {
        trace.add("last");
    }

    let (trace, builder) = Trace::with_bus();
    let bus = builder
        .provide(Holder(Mutex::new(None)))
        .with(derive)
        .with(drop_bus)
        .with(last)
        .build()
        .unwrap();
    let holder_bus = bus
        .derive()
        .provide(Holder(Mutex::new(Some(bus))))
        .build()
        .unwrap();
    trace.report(&holder_bus.publish(&Rebuilt));
    expect![[r"
        new
        a bus is dropped: true
        last
        report: 3 handled
        a bus is dropped: false
        last
        report: 3 handled"]]
    .assert_eq(&trace.take());
}
