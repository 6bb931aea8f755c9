//! What one publish does.

use std::sync::Arc;

use eventful::observe::{HandlerEnd, Observer, PublishEnd};
use eventful::{Bus, Delivery, event, family, handler, handlers};
use expect_test::expect;

use crate::{Trace, block_on, ids, pause, short};

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
        names `behaviours::core::r9_what_is_no_handler_is_refused_before_anything_is_published::no_handler`, which is no linked handler; write `#[handler(…)]` on it, and `eventful::link!()` where its crate is only named in Cargo.toml"]]
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
        .with_id("behaviours::core::greet")
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

#[test]
fn r12_two_closures_of_one_id_are_refused() {
    let error = Bus::isolated()
        .subscribe("same", |_: &Announced| {})
        .subscribe("same", |_: &Announced| {})
        .build()
        .unwrap_err();
    assert_eq!(error.faults().len(), 1, "{error}");
    assert!(error.to_string().contains("have the same id"), "{error}");
}

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
        behaviours::core::Unit 2 None
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
        twice.contains("names the handler behaviours::core::first ("),
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
    assert_eq!(fault.handler().unwrap().id(), "behaviours::core::store");
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
    let missing = "handler behaviours::core::in_this_module (";
    assert!(wiring.to_string().contains(missing), "{wiring}");
}

#[event]
struct Saved(u32);

#[event]
struct Billed;

#[handler(Saved)]
fn on_saved(event: &Saved, trace: &Trace) -> Result<Billed, String> {
    trace.add(format!("saved {}", event.0));
    if event.0 == 0 {
        return Err(String::from("nothing to save"));
    }
    Ok(Billed)
}

#[handler(Billed)]
fn on_billed(_: &Billed, delivery: &Delivery, trace: &Trace) {
    trace.add(format!("billed, of {} causes", delivery.causes().len()));
}

#[test]
fn r21_pending_events_wait_until_they_are_published_and_then_come_in_their_order() {
    let (trace, builder) = Trace::with_bus();
    let bus = builder.with(on_saved).with(on_billed).build().unwrap();
    let mut pending = bus.pending();
    pending.push(Saved(0));
    pending.push(Billed);
    pending.push(Saved(1));
    trace.add(format!("{} wait", pending.len()));
    let error = pending.publish().unwrap_err();
    for result in error.results() {
        trace.report(result);
    }
    expect![[r"
        3 wait
        saved 0
        billed, of 0 causes
        saved 1
        billed, of 1 causes
        report: 1 handled; on_saved failed: nothing to save
        report: 1 handled
        report: 1 handled, 1 cascaded"]]
    .assert_eq(&trace.take());
}

#[test]
fn r21_pending_events_may_be_asynchronous_and_nest() {
    #[event(async)]
    struct Mailed(&'static str);

    #[handler(Mailed)]
    async fn on_mailed(event: &Mailed, trace: &Trace) {
        trace.add(format!("{} begins", event.0));
        pause().await;
        trace.add(format!("{} ends", event.0));
    }

    let (trace, builder) = Trace::with_bus();
    let bus = builder.with(on_mailed).with(on_billed).build().unwrap();
    let (mut outer, mut inner) = (bus.pending_async(), bus.pending_async());
    outer.push(Mailed("first"));
    inner.push(Billed);
    inner.push(Mailed("last"));
    outer.append(inner);
    trace.add(format!("{} wait", outer.len()));
    for delivered in block_on(outer.publish()).unwrap() {
        trace.report(&Ok(delivered));
    }
    expect![[r"
        3 wait
        first begins
        first ends
        billed, of 0 causes
        last begins
        last ends
        report: 1 handled
        report: 1 handled
        report: 1 handled"]]
    .assert_eq(&trace.take());
}

#[test]
fn r23_pending_events_that_are_dropped_are_never_delivered() {
    let (trace, builder) = Trace::with_bus();
    let bus = builder.with(on_billed).build().unwrap();
    let (mut kept, mut dropped) = (bus.pending(), bus.pending());
    kept.push(Billed);
    dropped.push(Billed);
    drop(dropped);
    trace.add("dropped");
    kept.publish().unwrap();
    trace.add("published");
    expect![[r"
        dropped
        billed, of 0 causes
        published"]]
    .assert_eq(&trace.take());
}

#[test]
fn r29_the_report_counts_the_handlers_and_has_each_failure_in_their_order() {
    #[event]
    struct Checked;

    #[handler(Checked, order = 3)]
    fn third(_: &Checked, trace: &Trace) -> Result<(), String> {
        trace.add("third");
        Err(String::from("no third"))
    }

    #[handler(Checked, order = 1)]
    fn first(_: &Checked, trace: &Trace) {
        trace.add("first");
        panic!("no first");
    }

    #[handler(Checked, order = 2)]
    fn second(_: &Checked, trace: &Trace) {
        trace.add("second");
    }

    let (trace, builder) = Trace::with_bus();
    let bus = builder
        .with(third)
        .with(first)
        .with(second)
        .build()
        .unwrap();
    assert_eq!(ids::<Checked>(&bus), "first second third");
    trace.report(&bus.publish(&Checked));
    expect![[r"
        first
        second
        third
        report: 3 handled; first panicked: no first; third failed: no third"]]
    .assert_eq(&trace.take());

    let error = bus.publish(&Checked).unwrap_err();
    for (failure, function) in error.failures().iter().zip(["first", "third"]) {
        let handler = failure.handler();
        assert_eq!(handler.id(), format!("behaviours::core::{function}"));
        assert_eq!(
            (handler.file(), failure.event_name()),
            (file!(), "behaviours::core::Checked")
        );
    }
}

/// Adds to its trace what it is told.
struct Watcher(Trace);

impl Observer for Watcher {
    fn publish_started(&self, delivery: &Delivery) {
        self.0
            .add(format!("{} begins", last(delivery.event_name())));
    }

    fn publish_finished(&self, delivery: &Delivery, end: &PublishEnd<'_>) {
        self.0.add(format!(
            "{}: {}",
            last(delivery.event_name()),
            end.outcome()
        ));
    }

    fn handler_started(&self, delivery: &Delivery) {
        self.0
            .add(format!("  {} begins", short(delivery.handler())));
    }

    fn handler_finished(&self, delivery: &Delivery, end: &HandlerEnd<'_>) {
        self.0.add(format!(
            "  {}: {}",
            short(delivery.handler()),
            end.outcome()
        ));
    }
}

fn last(path: &str) -> &str {
    path.rsplit("::").next().unwrap_or(path)
}

#[test]
fn r29_an_observer_sees_every_handler_with_its_outcome_in_their_order() {
    #[event]
    struct Observed(u32);

    #[event]
    struct Echoed;

    #[handler(Observed, order = 1)]
    fn works(_: &Observed, trace: &Trace) -> Echoed {
        trace.add("  - works");
        Echoed
    }

    #[handler(Observed, order = 2, when = |event| event.0 > 9)]
    fn skipped(_: &Observed, trace: &Trace) {
        trace.add("  - is not skipped");
    }

    #[handler(Observed, order = 3)]
    fn fails(_: &Observed, trace: &Trace) -> Result<(), String> {
        trace.add("  - fails");
        Err(String::from("no"))
    }

    #[handler(Observed, order = 4)]
    fn panics(_: &Observed, trace: &Trace) {
        trace.add("  - panics");
        panic!("no");
    }

    #[handler(Echoed)]
    fn echo(_: &Echoed, trace: &Trace) {
        trace.add("  - echo");
    }

    let (trace, builder) = Trace::with_bus();
    let bus = builder
        .with(works)
        .with(skipped)
        .with(fails)
        .with(panics)
        .with(echo)
        .observe(Watcher(trace.clone()))
        .build()
        .unwrap();
    trace.report(&bus.publish(&Observed(1)));
    expect![[r"
        Observed begins
          works begins
          - works
          works: handled
          skipped begins
          skipped: skipped
          fails begins
          - fails
          fails: failed
          panics begins
          - panics
          panics: panicked
        Observed: failed
        Echoed begins
          echo begins
          - echo
          echo: handled
        Echoed: delivered
        report: 3 handled, 1 skipped, 1 cascaded; fails failed: no; panics panicked: no"]]
    .assert_eq(&trace.take());
}
