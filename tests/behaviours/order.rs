//! The order in which handlers run.

mod constraints;

use std::thread;

use eventful::{Bus, BusBuilder, event, handler};
use expect_test::expect;

use crate::executor::{block_on, yield_now};
use crate::trace::{Trace, ids};

#[test]
fn r30_the_order_does_not_depend_on_the_order_of_registration() {
    #[event]
    struct Shuffled;

    #[handler(Shuffled, after = b)]
    fn a(_: &Shuffled, trace: &Trace) {
        trace.add("a");
    }

    #[handler(Shuffled)]
    fn b(_: &Shuffled, trace: &Trace) {
        trace.add("b");
    }

    #[handler(Shuffled, order = -1)]
    fn c(_: &Shuffled, trace: &Trace) {
        trace.add("c");
    }

    #[handler(Shuffled)]
    fn d(_: &Shuffled, trace: &Trace) {
        trace.add("d");
    }

    let add: [fn(BusBuilder) -> BusBuilder; 4] = [
        |builder| builder.with(a),
        |builder| builder.with(b),
        |builder| builder.with(c),
        |builder| builder.with(d),
    ];
    let mut orders = 0;
    for first in 0..4 {
        for second in (0..4).filter(|index| *index != first) {
            for third in (0..4).filter(|index| ![first, second].contains(index)) {
                let fourth = 6 - first - second - third;
                let (trace, mut builder) = Trace::with_bus();
                for index in [first, second, third, fourth] {
                    builder = add[index](builder);
                }
                let bus = builder.build().unwrap();
                for _ in 0..2 {
                    trace.report(&bus.publish(&Shuffled));
                    assert_eq!(trace.take(), "c\nb\na\nd\nreport: 4 handled");
                }
                orders += 1;
            }
        }
    }
    assert_eq!(orders, 24);
}

#[test]
fn r31_explicit_numbers_decide_negative_ones_too() {
    #[event]
    struct Numbered;

    #[handler(Numbered, order = 2147483647)]
    fn largest(_: &Numbered, trace: &Trace) {
        trace.add("largest");
    }

    #[handler(Numbered, order = 1)]
    fn one(_: &Numbered, trace: &Trace) {
        trace.add("one");
    }

    #[handler(Numbered)]
    fn none(_: &Numbered, trace: &Trace) {
        trace.add("none");
    }

    #[handler(Numbered, order = -1)]
    fn minus_one(_: &Numbered, trace: &Trace) {
        trace.add("minus one");
    }

    #[handler(Numbered, order = -2147483648)]
    fn smallest(_: &Numbered, trace: &Trace) {
        trace.add("smallest");
    }

    let (trace, builder) = Trace::with_bus();
    let seen = trace.clone();
    let bus = builder
        .subscribe("closure", move |_: &Numbered| seen.add("closure"))
        .with(one)
        .with(smallest)
        .with(largest)
        .with(none)
        .with(minus_one)
        .build()
        .unwrap();
    trace.report(&bus.publish(&Numbered));
    expect![[r"
        smallest
        minus one
        none
        closure
        one
        largest
        report: 6 handled"]]
    .assert_eq(&trace.take());
}

mod tied {
    use super::*;

    #[event]
    pub(super) struct Tied;

    pub(super) mod b {
        use super::*;

        #[handler(Tied)]
        pub(in crate::order) fn in_module_b(_: &Tied, trace: &Trace) {
            trace.add("module b");
        }
    }

    pub(super) mod a {
        use super::*;

        #[handler(Tied)]
        pub(in crate::order) fn in_module_a(_: &Tied, trace: &Trace) {
            trace.add("module a");
        }
    }

    #[handler(Tied)]
    pub(super) fn z_written_first(_: &Tied, trace: &Trace) {
        trace.add("line 1");
    }

    #[rustfmt::skip]
    mod on_one_line {
        use super::*;

        #[handler(Tied, id = "z")] fn left(_: &Tied, trace: &Trace) { trace.add("left"); } #[handler(Tied, id = "a")] fn right(_: &Tied, trace: &Trace) { trace.add("right"); }
    }

    #[handler(Tied)]
    pub(super) fn a_written_second(_: &Tied, trace: &Trace) {
        trace.add("line 2");
    }
}

#[test]
fn r33_equal_numbers_are_told_apart_by_module_line_and_column() {
    let (trace, builder) = Trace::with_bus();
    let bus = builder
        .with_id("a")
        .with_id("z")
        .with(tied::b::in_module_b)
        .with(tied::a::in_module_a)
        .with(tied::a_written_second)
        .with(tied::z_written_first)
        .build()
        .unwrap();
    trace.report(&bus.publish(&tied::Tied));
    expect![[r"
        line 1
        line 2
        module a
        module b
        left
        right
        report: 6 handled"]]
    .assert_eq(&trace.take());
}

#[test]
fn r33_after_and_before_hold_whatever_the_place() {
    #[event]
    struct Chained;

    #[handler(Chained, after = second)]
    fn third(_: &Chained, trace: &Trace) {
        trace.add("third");
    }

    #[handler(Chained, after = "the.first")]
    fn second(_: &Chained, trace: &Trace) {
        trace.add("second");
    }

    #[handler(Chained, id = "the.first")]
    fn first(_: &Chained, trace: &Trace) {
        trace.add("first");
    }

    #[handler(Chained, before = [first, "behaviours::order::second"])]
    fn zeroth(_: &Chained, trace: &Trace) {
        trace.add("zeroth");
    }

    #[handler(Chained, order = -1, before = third)]
    fn agrees_with_its_order(_: &Chained, trace: &Trace) {
        trace.add("agrees with its order");
    }

    #[handler(Chained)]
    fn free(_: &Chained, trace: &Trace) {
        trace.add("free");
    }

    let (trace, builder) = Trace::with_bus();
    let bus = builder
        .with(third)
        .with(second)
        .with(first)
        .with(zeroth)
        .with(free)
        .with(agrees_with_its_order)
        .build()
        .unwrap();
    trace.report(&bus.publish(&Chained));
    let without_first = bus.derive().without(first).build().unwrap();
    trace.report(&without_first.publish(&Chained));
    expect![[r"
        agrees with its order
        zeroth
        first
        second
        third
        free
        report: 6 handled
        agrees with its order
        zeroth
        second
        third
        free
        report: 5 handled"]]
    .assert_eq(&trace.take());
}

#[test]
fn r36_a_handler_sees_what_one_publisher_publishes_in_that_order() {
    #[event]
    struct Step(&'static str, u32);

    #[handler(Step, order = 1)]
    fn begin(event: &Step, trace: &Trace) {
        trace.add(format!("begin {}", event.1));
    }

    #[handler(Step, order = 2)]
    fn end(event: &Step, trace: &Trace) {
        trace.add(format!("end {}", event.1));
    }

    let (trace, builder) = Trace::with_bus();
    let bus = builder.with(begin).with(end).build().unwrap();
    for number in 0..3 {
        bus.publish(&Step("here", number)).unwrap();
    }
    assert_eq!(
        trace.take(),
        "begin 0\nend 0\nbegin 1\nend 1\nbegin 2\nend 2"
    );

    // Between threads there is no order, but the events of each are in theirs.
    let seen = trace.clone();
    let bus = Bus::isolated()
        .subscribe("who", move |event: &Step| {
            seen.add(format!("{} {}", event.0, event.1));
        })
        .build()
        .unwrap();
    thread::scope(|scope| {
        for name in ["left", "right"] {
            let bus = &bus;
            scope.spawn(move || (0..100).for_each(|number| drop(bus.publish(&Step(name, number)))));
        }
    });
    let log = trace.take();
    for name in ["left", "right"] {
        let of_this_thread = log.lines().filter(|line| line.starts_with(name));
        let expected: Vec<_> = (0..100).map(|number| format!("{name} {number}")).collect();
        assert_eq!(of_this_thread.collect::<Vec<_>>(), expected);
    }
}

#[test]
fn r37_synchronous_and_asynchronous_handlers_run_in_one_order() {
    #[event(async)]
    struct Mixed;

    #[handler(Mixed, order = 1)]
    async fn later_one(_: &Mixed, trace: &Trace) {
        trace.add("async 1 begins");
        yield_now().await;
        trace.add("async 1 ends");
    }

    #[handler(Mixed, order = 2)]
    fn now_two(_: &Mixed, trace: &Trace) -> Result<(), String> {
        trace.add("sync 2");
        Err(String::from("no"))
    }

    #[handler(Mixed, order = 3)]
    async fn later_three(_: &Mixed, trace: &Trace) -> Result<(), String> {
        trace.add("async 3 begins");
        yield_now().await;
        trace.add("async 3 ends");
        Err(String::from("no"))
    }

    #[handler(Mixed, order = 4)]
    fn now_four(_: &Mixed, trace: &Trace) -> Result<(), String> {
        trace.add("sync 4");
        Err(String::from("no"))
    }

    let (trace, builder) = Trace::with_bus();
    let bus = builder
        .with(now_four)
        .with(now_two)
        .with(later_three)
        .with(later_one)
        .build()
        .unwrap();
    assert_eq!(ids::<Mixed>(&bus), "later_one now_two later_three now_four");
    for _ in 0..2 {
        trace.report(&block_on(bus.publish(&Mixed)));
        expect![[r"
            async 1 begins
            async 1 ends
            sync 2
            async 3 begins
            async 3 ends
            sync 4
            report: 4 handled; now_two failed: no; later_three failed: no; now_four failed: no"]]
        .assert_eq(&trace.take());
    }
}

#[test]
fn r54_contradictions_are_refused_when_the_bus_is_built_and_name_both() {
    #[event]
    struct Tangled;

    #[handler(Tangled, after = two)]
    fn one(_: &Tangled) {}

    #[handler(Tangled, after = one)]
    fn two(_: &Tangled) {}

    #[handler(Tangled, order = 5)]
    fn late(_: &Tangled) {}

    #[handler(Tangled, after = late)]
    fn early(_: &Tangled) {}

    #[handler(Tangled, after = "no.such.handler")]
    fn misled(_: &Tangled) {}

    let (trace, builder) = Trace::with_bus();
    let error = builder
        .with(one)
        .with(two)
        .with(late)
        .with(early)
        .with(misled)
        .provide(1_u8)
        .provide(2_u8)
        .build()
        .unwrap_err();
    trace.add_faults(&error, file!());
    expect![[r#"
        the resource `u8` is provided twice, at AT and at AT; remove one, or wrap one in a type of its own
        handler behaviours::order::early (AT) says that it runs after behaviours::order::late (AT), but `order` says the opposite (0 against 5); remove one of the two
        handler behaviours::order::misled (AT) of `behaviours::order::Tangled` says `after = "no.such.handler"`, but no linked handler has that id; write the id of another handler of the same event, or `eventful::link!()` where the handler's crate is only named in Cargo.toml
        handlers of `behaviours::order::Tangled` each run after the next, in a cycle: behaviours::order::one (AT), behaviours::order::two (AT); remove one `after` or `before`"#]].assert_eq(&trace.take());
}

mod families_as_targets {
    use eventful::{Bus, event, family, handler};

    #[family]
    trait Stored {}

    #[family]
    trait Mailed {}

    #[family]
    trait Unjoined {}

    #[family]
    trait Apart {}

    #[event(as(dyn Stored, dyn Mailed))]
    struct Ordered;

    impl Stored for Ordered {}
    impl Mailed for Ordered {}

    #[event(as(dyn Apart))]
    struct Counted;

    impl Apart for Counted {}

    #[handler(Ordered)]
    fn of_a_member(_: &Ordered) {}

    #[handler(Counted)]
    fn of_another_event(_: &Counted) {}

    #[handler(dyn Mailed, before = of_a_member)]
    fn of_an_overlapping_family(_: &dyn Mailed) {}

    #[handler(dyn Apart)]
    fn of_a_family_apart(_: &dyn Apart) {}

    #[handler(dyn Stored, after = [of_a_member, of_an_overlapping_family])]
    fn wants_what_is_there(_: &dyn Stored) {}

    #[handler(dyn Stored, after = of_another_event)]
    fn wants_another_event(_: &dyn Stored) {}

    #[handler(dyn Stored, before = of_a_family_apart)]
    fn wants_a_family_apart(_: &dyn Stored) {}

    #[handler(dyn Unjoined)]
    fn of_nothing_yet(_: &dyn Unjoined) {}

    #[handler(dyn Unjoined, after = of_nothing_yet)]
    fn wants_its_own_family(_: &dyn Unjoined) {}

    #[test]
    fn r54_a_target_that_shares_an_event_or_the_family_is_there() {
        let bus = Bus::isolated()
            .with(wants_what_is_there)
            .with(of_a_member)
            .with(of_an_overlapping_family)
            .with(wants_its_own_family)
            .build()
            .unwrap();
        let ids = bus
            .handlers::<Ordered>()
            .iter()
            .map(eventful::HandlerInfo::id);
        let names: Vec<_> = ids.filter_map(|id| id.rsplit("::").next()).collect();
        assert_eq!(
            names,
            [
                "of_an_overlapping_family",
                "of_a_member",
                "wants_what_is_there"
            ]
        );
    }

    #[test]
    fn r54_a_target_that_shares_nothing_is_a_fault_for_each() {
        let error = Bus::isolated()
            .with(wants_another_event)
            .with(wants_a_family_apart)
            .build()
            .unwrap_err();
        let text = error.to_string();
        assert_eq!(error.faults().len(), 2, "{text}");
        assert!(text.contains("`after = of_another_event`"), "{text}");
        assert!(text.contains("`before = of_a_family_apart`"), "{text}");
    }
}
