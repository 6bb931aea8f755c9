//! Buses and their handlers: given, removed, derived, and refused.

mod choosing;

use eventful::{Bus, event, handler};
use expect_test::expect;

use crate::Trace;

#[test]
fn r6_a_closure_given_to_a_builder_equals_a_linked_handler() {
    #[event]
    struct Sold(u32);

    #[handler(Sold)]
    fn linked(event: &Sold, trace: &Trace) -> Result<(), String> {
        trace.add(format!("sold {}", event.0));
        Err(String::from("sold out"))
    }

    let (trace, builder) = Trace::with_bus();
    let bus = builder.with(linked).build().unwrap();
    trace.report(&bus.publish(&Sold(3)));
    let from_the_attribute = trace.take();

    let seen = trace.clone();
    let bus = Bus::isolated()
        .subscribe("linked", move |event: &Sold| linked(event, &seen))
        .build()
        .unwrap();
    trace.report(&bus.publish(&Sold(3)));
    assert_eq!(trace.take(), from_the_attribute);
    assert_eq!(
        from_the_attribute,
        "sold 3\nreport: 1 handled; linked failed: sold out"
    );
}

#[test]
fn r9_what_is_no_handler_is_refused_before_anything_is_published() {
    #[event]
    struct Awaited;

    fn no_handler(_: &Awaited) {
        panic!("nobody declared it");
    }

    #[handler(Awaited)]
    fn right(_: &Awaited, trace: &Trace) {
        trace.add("right");
    }

    let (trace, builder) = Trace::with_bus();
    let bus = builder.with(right).build().unwrap();
    let error = bus.derive().with(no_handler).build().unwrap_err();
    let [fault] = error.faults() else {
        panic!("one fault: {error}")
    };
    let text = fault.to_string();
    let place = format!("`with` at {}:", file!());
    assert!(text.starts_with(&place), "{text}");
    let reason = &text[text.find(" names ").expect("it names the function")..];
    expect![[r"
        names `behaviours::builder::r9_what_is_no_handler_is_refused_before_anything_is_published::no_handler`, which is no linked handler; write `#[handler(…)]` on it, and `eventful::link!()` where its crate is only named in Cargo.toml"]]
    .assert_eq(reason.trim());
    trace.report(&bus.publish(&Awaited));
    assert_eq!(trace.take(), "right\nreport: 1 handled");
}

#[test]
fn r12_a_handler_that_a_bus_is_given_twice_runs_once() {
    #[event]
    struct Registered;

    #[handler(Registered)]
    fn greet(_: &Registered, trace: &Trace) {
        trace.add("greet");
    }

    let (trace, builder) = Trace::with_bus();
    let bus = builder
        .with(greet)
        .with(greet)
        .with_id("behaviours::builder::greet")
        .build()
        .unwrap();
    trace.report(&bus.publish(&Registered));
    let again = bus.derive().with(greet).build().unwrap();
    trace.report(&again.publish(&Registered));
    expect![[r"
        greet
        report: 1 handled
        greet
        report: 1 handled"]]
    .assert_eq(&trace.take());
}

#[test]
fn r12_two_closures_of_one_id_are_refused() {
    #[event]
    struct Announced;

    let error = Bus::isolated()
        .subscribe("same", |_: &Announced| {})
        .subscribe("same", |_: &Announced| {})
        .build()
        .unwrap_err();
    assert_eq!(error.faults().len(), 1, "{error}");
    assert!(error.to_string().contains("have the same id"), "{error}");
}

#[test]
fn r17_separate_and_derived_buses_deliver_only_their_own() {
    #[event]
    struct Spoken;

    #[handler(Spoken)]
    fn shared(_: &Spoken, trace: &Trace) {
        trace.add("shared");
    }

    let (trace, builder) = Trace::with_bus();
    let say = |line: &'static str| {
        let trace = trace.clone();
        move |_: &Spoken| trace.add(line)
    };
    let parent = builder
        .with(shared)
        .subscribe("own", say("parent"))
        .build()
        .unwrap();
    let child = parent
        .derive()
        .subscribe("child", say("child"))
        .build()
        .unwrap();
    let stranger = Bus::isolated()
        .subscribe("own", say("stranger"))
        .build()
        .unwrap();
    trace.report(&child.publish(&Spoken));
    trace.report(&parent.publish(&Spoken));
    trace.report(&stranger.publish(&Spoken));
    trace.report(&parent.scope(|| stranger.publish(&Spoken)));
    expect![[r"
        shared
        parent
        child
        report: 3 handled
        shared
        parent
        report: 2 handled
        stranger
        report: 1 handled
        stranger
        report: 1 handled"]]
    .assert_eq(&trace.take());
}

#[test]
fn r18_a_removed_handler_gets_nothing_more_and_a_second_removal_is_a_fault() {
    #[event]
    struct Moved;

    #[handler(Moved)]
    fn first(_: &Moved, trace: &Trace) {
        trace.add("first");
    }

    #[handler(Moved)]
    fn second(_: &Moved, trace: &Trace) {
        trace.add("second");
    }

    #[handler(Moved, id = "moved.third")]
    fn third(_: &Moved, trace: &Trace) {
        trace.add("third");
    }

    let (trace, builder) = Trace::with_bus();
    let bus = builder
        .with(first)
        .with(second)
        .with(third)
        .build()
        .unwrap();
    let without = bus
        .derive()
        .without(first)
        .without_id("moved.third")
        .build()
        .unwrap();
    trace.report(&without.publish(&Moved));
    trace.report(&bus.publish(&Moved));
    expect![[r"
        second
        report: 1 handled
        first
        second
        third
        report: 3 handled"]]
    .assert_eq(&trace.take());

    let error = without
        .derive()
        .without(first)
        .without_id("moved.third")
        .without_id("nobody")
        .build()
        .unwrap_err();
    let faults: Vec<_> = error.faults().iter().map(ToString::to_string).collect();
    let [twice, twice_by_id, unknown] = &faults[..] else {
        panic!("three faults: {error}")
    };
    assert!(
        twice.contains("names the handler behaviours::builder::first ("),
        "{twice}"
    );
    assert!(twice.contains("which is not on this bus"), "{twice}");
    assert!(
        twice_by_id.contains("names the handler moved.third ("),
        "{twice_by_id}"
    );
    assert!(
        unknown.contains("names the id \"nobody\", but no handler with that id"),
        "{unknown}"
    );
    trace.report(&without.publish(&Moved));
    assert_eq!(trace.take(), "second\nreport: 1 handled");
}

#[test]
fn r20_a_handler_that_is_left_out_breaks_nothing_and_one_whose_resource_is_missing_fails_the_build()
{
    #[event]
    struct Kept;

    struct Store;

    #[handler(Kept)]
    fn index(_: &Kept, trace: &Trace) {
        trace.add("index");
    }

    #[handler(Kept, after = index)]
    fn store(_: &Kept, _: &Store, trace: &Trace) {
        trace.add("store");
    }

    let (trace, builder) = Trace::with_bus();
    let error = builder.with(index).with(store).build().unwrap_err();
    let [fault] = error.faults() else {
        panic!("one fault: {error}")
    };
    assert_eq!(fault.handler().unwrap().id(), "behaviours::builder::store");
    assert!(fault.resource().unwrap().ends_with("::Store"), "{fault}");

    let only_index = Bus::isolated()
        .provide(trace.clone())
        .with(index)
        .build()
        .unwrap();
    trace.report(&only_index.publish(&Kept));
    let only_store = Bus::isolated()
        .provide(trace.clone())
        .provide(Store)
        .with(store)
        .build()
        .unwrap();
    trace.report(&only_store.publish(&Kept));
    expect![[r"
        index
        report: 1 handled
        store
        report: 1 handled"]]
    .assert_eq(&trace.take());
}
