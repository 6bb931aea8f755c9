//! The handlers that a bus lists.

use eventful::{AnyEvent, Bus, Event, HandlerInfo, event, family, handler};
use expect_test::expect;

use crate::trace::{Trace, ids};

/// Places are told from here.
const TOP: u32 = line!();

#[event]
struct Listed;

#[handler(Listed, order = 2)]
fn written_first(_: &Listed, trace: &Trace) {
    trace.add("written first");
}

#[handler(Listed, order = 1)]
fn written_second(_: &Listed, trace: &Trace) {
    trace.add("written second");
}

#[family]
trait Known {}

#[event(as(dyn Known))]
struct Member;

#[event]
struct Stranger;

impl Known for Member {}

#[handler(dyn Known)]
fn knows(_: &dyn Known, trace: &Trace) {
    trace.add("knows");
}

#[handler(Stranger, when = |_| false)]
fn never(_: &Stranger, trace: &Trace) {
    trace.add("never");
}

#[handler(dyn AnyEvent)]
fn any(_: &dyn AnyEvent, trace: &Trace) {
    trace.add("any");
}

#[test]
fn r118_whether_an_event_has_handlers_is_right_for_each_kind_of_them() {
    let (trace, builder) = Trace::with_bus();
    let add = |what: &str, bus: &Bus| {
        let (member, stranger) = (bus.has_handlers::<Member>(), bus.has_handlers::<Stranger>());
        trace.add(format!("{what}: {member} {stranger}"));
        trace.report(&bus.publish(&Stranger));
    };
    let none = builder.build().unwrap();
    add("none", &none);
    let family = none.derive().with(knows).build().unwrap();
    add("the family's", &family);
    let guarded = family.derive().with(never).build().unwrap();
    add("a guarded one", &guarded);
    let removed = guarded
        .derive()
        .without(knows)
        .without(never)
        .build()
        .unwrap();
    add("removed", &removed);
    let catch_all = removed.derive().with(any).build().unwrap();
    add("a catch-all", &catch_all);
    let closure = removed
        .derive()
        .subscribe("closure", |_: &Stranger| {})
        .build()
        .unwrap();
    add("a closure", &closure);
    expect![[r"
        none: false false
        report: 0 handled
        the family's: true false
        report: 0 handled
        a guarded one: true true
        report: 0 handled, 1 skipped
        removed: false false
        report: 0 handled
        a catch-all: false false
        any
        report: 1 handled
        a closure: false true
        report: 1 handled"]]
    .assert_eq(&trace.take());
}

#[test]
fn r119_a_listing_is_complete_in_order_and_does_not_change() {
    let (trace, builder) = Trace::with_bus();
    let seen = trace.clone();
    let bus = builder
        .with(written_first)
        .with(written_second)
        .subscribe("closure", move |_: &Listed| seen.add("closure"))
        .build()
        .unwrap();
    let listing = bus.handlers::<Listed>();
    let derived = bus
        .derive()
        .without(written_second)
        .without_id("closure")
        .build()
        .unwrap();
    for bus in [&bus, &derived] {
        trace.add(ids::<Listed>(bus));
        trace.report(&bus.publish(&Listed));
    }
    drop(derived);
    trace.add(format!(
        "{} listed before, {} now",
        listing.len(),
        bus.handlers::<Listed>().len()
    ));
    expect![[r"
        closure written_second written_first
        closure
        written second
        written first
        report: 3 handled
        written_first
        written first
        report: 1 handled
        3 listed before, 3 now"]]
    .assert_eq(&trace.take());
}

#[test]
fn r120_a_listing_has_the_path_the_place_and_the_order_of_each_handler() {
    let (trace, builder) = Trace::with_bus();
    let builder = builder.with(written_first);
    let line_of_the_call = line!() + 1;
    let builder = builder.subscribe("closure", |_: &Listed| {});
    let bus = builder.build().unwrap();
    trace.add(Listed::NAME);
    for handler in bus.handlers::<Listed>() {
        assert_eq!(handler.file(), file!());
        let (id, module, order) = (handler.id(), handler.module_path(), handler.order());
        let place = match handler.line() {
            line if line == line_of_the_call => String::from("at the builder call"),
            line => format!("at {}:{}", line - TOP, handler.column()),
        };
        trace.add(format!("{id} in {module:?} {place}, order {order}"));
    }
    expect![[r#"
        behaviours::listing::Listed
        closure in "" at the builder call, order 0
        behaviours::listing::written_first in "behaviours::listing" at 6:4, order 2"#]]
    .assert_eq(&trace.take());
}

#[test]
fn r120_a_listing_tells_guarded_handlers_and_catch_alls_apart() {
    let (trace, builder) = Trace::with_bus();
    let bus = builder.with(never).with(any).with(knows).build().unwrap();
    for handler in bus
        .handlers::<Stranger>()
        .iter()
        .chain(bus.handlers::<Member>())
    {
        let (guarded, catch_all) = (handler.is_guarded(), handler.is_catch_all());
        trace.add(format!(
            "{}: guarded {guarded}, catch-all {catch_all}",
            handler.id()
        ));
    }
    trace.report(&bus.publish(&Stranger));
    expect![[r"
        behaviours::listing::never: guarded true, catch-all false
        behaviours::listing::any: guarded false, catch-all true
        behaviours::listing::knows: guarded false, catch-all false
        behaviours::listing::any: guarded false, catch-all true
        any
        report: 1 handled, 1 skipped"]]
    .assert_eq(&trace.take());
}

#[test]
fn r120_the_wiring_of_a_bus_lists_each_event_with_its_handlers() {
    let (trace, builder) = Trace::with_bus();
    let bus = builder
        .with(written_first)
        .with(written_second)
        .with(never)
        .with(any)
        .with(knows)
        .build()
        .unwrap();
    let wiring = bus.wiring();
    let own = wiring
        .events()
        .iter()
        .filter(|event| event.name().contains("::listing::"));
    for event in own.filter(|event| event.handlers().len() > 1) {
        trace.add(event.name());
        for handler in event.handlers() {
            let position = handler.position();
            let flags = [
                (handler.is_guarded(), "guarded"),
                (handler.is_catch_all(), "a catch-all"),
                (handler.is_async(), "async"),
            ];
            let flags = flags.iter().filter(|(is_set, _)| *is_set);
            let flags: Vec<_> = flags.map(|(_, name)| *name).collect();
            assert_eq!(position.file(), file!());
            trace.add(format!(
                "  {} at {}:{}, via {:?} {flags:?}",
                handler.id(),
                position.line() - TOP,
                position.column(),
                handler.family(),
            ));
        }
    }
    expect![[r#"
        behaviours::listing::Listed
          behaviours::listing::any at 37:4, via Some("dyn eventful::AnyEvent") ["a catch-all"]
          behaviours::listing::written_second at 11:4, via None []
          behaviours::listing::written_first at 6:4, via None []
        behaviours::listing::Member
          behaviours::listing::knows at 27:4, via Some("dyn behaviours::listing::Known") []
          behaviours::listing::any at 37:4, via Some("dyn eventful::AnyEvent") ["a catch-all"]
        behaviours::listing::Stranger
          behaviours::listing::never at 32:4, via None ["guarded"]
          behaviours::listing::any at 37:4, via Some("dyn eventful::AnyEvent") ["a catch-all"]"#]]
    .assert_eq(&trace.take());
}

#[test]
fn r122_the_default_id_is_the_qualified_name_and_an_explicit_one_replaces_it() {
    #[event]
    struct Identified;

    #[handler(Identified)]
    fn by_name(_: &Identified, trace: &Trace) {
        trace.add("by name");
    }

    #[handler(Identified, id = "the.second")]
    fn by_id(_: &Identified, trace: &Trace) {
        trace.add("by id");
    }

    let (trace, builder) = Trace::with_bus();
    let both = builder
        .with_id("behaviours::listing::by_name")
        .with_id("the.second")
        .build()
        .unwrap();
    let all: Vec<_> = both
        .handlers::<Identified>()
        .iter()
        .map(HandlerInfo::id)
        .collect();
    trace.add(all.join(", "));
    trace.report(&both.publish(&Identified));
    let without_name = both
        .derive()
        .without_id("behaviours::listing::by_name")
        .build()
        .unwrap();
    trace.report(&without_name.publish(&Identified));
    let seen = trace.clone();
    let replaced = both
        .derive()
        .replace_id("the.second", move |_: &Identified| seen.add("instead"))
        .build()
        .unwrap();
    trace.report(&replaced.publish(&Identified));
    expect![[r"
        behaviours::listing::by_name, the.second
        by name
        by id
        report: 2 handled
        by id
        report: 1 handled
        by name
        instead
        report: 2 handled"]]
    .assert_eq(&trace.take());
    let replaced_id = "behaviours::listing::by_id";
    assert!(Bus::isolated().with_id(replaced_id).build().is_err());
}

#[test]
fn r119_the_handlers_of_an_instantiation_are_listed_in_order() {
    #[event]
    struct Wrapped<T: Send + Sync + 'static>(T);

    let bus = Bus::isolated()
        .subscribe("first", |_: &Wrapped<u8>| {})
        .subscribe("second", |_: &Wrapped<u8>| {})
        .build()
        .unwrap();
    let ids = bus.handlers::<Wrapped<u8>>().iter().map(HandlerInfo::id);
    assert_eq!(ids.collect::<Vec<_>>(), ["first", "second"]);
    assert_eq!(bus.handlers::<Wrapped<u16>>().len(), 0);
    assert_eq!(bus.publish(&Wrapped(1_u8)).unwrap().handled(), 2);
}
