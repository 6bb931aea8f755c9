//! Handlers that publish, and handlers that build and drop buses.

mod limits;

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
