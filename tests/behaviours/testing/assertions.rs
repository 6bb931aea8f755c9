//! Assertions, and the message of each that fails.

use eventful::Bus;
use eventful::testing::Recorder;
use expect_test::expect;

use super::shop::{OrderCreated, OrderPaid, StockReserved, created, shop};
use super::{Created, Paid, Reserved, panic_of};

/// A record of `Created` 1, 2 and 3, with a `Paid` between the first two.
fn recorder() -> Recorder {
    let recorder = Recorder::new();
    let bus = Bus::isolated()
        .capture::<Created>(&recorder)
        .capture::<Reserved>(&recorder)
        .capture_with(&recorder, |event: &Paid| event.amount)
        .build()
        .unwrap();
    bus.publish(&Created { id: 1 }).unwrap();
    bus.publish(&Paid { amount: 10 }).unwrap();
    bus.publish(&Created { id: 2 }).unwrap();
    bus.publish(&Created { id: 3 }).unwrap();
    recorder
}

/// An empty record.
fn empty() -> Recorder {
    let recorder = recorder();
    recorder.clear();
    recorder
}

#[test]
fn how_many_of_a_type() {
    recorder().assert_count::<Created>(3);
    recorder().assert_count::<Paid>(1);
    recorder().assert_count::<Reserved>(0);
    expect![[r"
        expected 2 events of type `behaviours::testing::Created`, but 3 were recorded
        recorded:
          1. behaviours::testing::Created: Created { id: 1 }
          2. behaviours::testing::Paid: 10
          3. behaviours::testing::Created: Created { id: 2 }
          4. behaviours::testing::Created: Created { id: 3 }"]]
    .assert_eq(&panic_of(|| recorder().assert_count::<Created>(2)));
    assert!(
        panic_of(|| recorder().assert_count::<Created>(1)).starts_with(
            "expected 1 event of type `behaviours::testing::Created`, but 3 were recorded\n"
        )
    );
    assert!(panic_of(|| recorder().assert_count::<Paid>(2)).starts_with(
        "expected 2 events of type `behaviours::testing::Paid`, but 1 was recorded\n"
    ));
    assert!(
        panic_of(|| recorder().assert_count::<Reserved>(1)).starts_with(
            "expected 1 event of type `behaviours::testing::Reserved`, but none was recorded\n"
        )
    );
}

#[test]
fn an_event_that_is_never_published() {
    expect![[r"
        expected 1 event of type `behaviours::testing::Created`, but none was recorded
        recorded: nothing; is the event published on a bus that has this recorder?"]]
    .assert_eq(&panic_of(|| empty().assert_count::<Created>(1)));
}

#[test]
fn none_of_a_type() {
    recorder().assert_none::<Reserved>();
    expect![[r"
        expected no event of type `behaviours::testing::Paid`, but 1 was recorded
        recorded:
          1. behaviours::testing::Created: Created { id: 1 }
          2. behaviours::testing::Paid: 10
          3. behaviours::testing::Created: Created { id: 2 }
          4. behaviours::testing::Created: Created { id: 3 }"]]
    .assert_eq(&panic_of(|| recorder().assert_none::<Paid>()));
}

#[test]
fn nothing_at_all() {
    empty().assert_empty();
    expect![[r"
        expected no event at all, but 4 were recorded: 3 of `behaviours::testing::Created`, 1 of `behaviours::testing::Paid`
        recorded:
          1. behaviours::testing::Created: Created { id: 1 }
          2. behaviours::testing::Paid: 10
          3. behaviours::testing::Created: Created { id: 2 }
          4. behaviours::testing::Created: Created { id: 3 }"]]
    .assert_eq(&panic_of(|| recorder().assert_empty()));
    let one = Recorder::new();
    one.record(Reserved);
    expect![[r"
        expected no event at all, but 1 was recorded: 1 of `behaviours::testing::Reserved`
        recorded:
          1. behaviours::testing::Reserved: Reserved"]]
    .assert_eq(&panic_of(|| one.assert_empty()));
}

#[test]
fn at_least_one() {
    recorder().assert_any::<Created>(|event| event.id == 2);
    recorder().assert_any::<Created>(|event| event.id > 0);
    expect![[r"
        expected an event of type `behaviours::testing::Created` that matches, but none of the 3 recorded does
        recorded:
          1. behaviours::testing::Created: Created { id: 1 }
          2. behaviours::testing::Paid: 10
          3. behaviours::testing::Created: Created { id: 2 }
          4. behaviours::testing::Created: Created { id: 3 }"]]
    .assert_eq(&panic_of(|| recorder().assert_any::<Created>(|event| event.id == 4)));
    let one = Recorder::new();
    one.record(Reserved);
    expect![[r"
        expected an event of type `behaviours::testing::Reserved` that matches, but the 1 recorded does not
        recorded:
          1. behaviours::testing::Reserved: Reserved"]]
    .assert_eq(&panic_of(|| one.assert_any::<Reserved>(|_| false)));
    expect![[r"
        expected an event of type `behaviours::testing::Created` that matches, but none was recorded
        recorded: nothing; is the event published on a bus that has this recorder?"]]
    .assert_eq(&panic_of(|| empty().assert_any::<Created>(|_| true)));
}

#[test]
fn exactly_one() {
    let event = recorder().assert_one::<Created>(|event| event.id > 2);
    assert_eq!(event, Created { id: 3 });
    expect![[r"
        expected exactly 1 event of type `behaviours::testing::Created` that matches, but 2 of the 3 recorded do
        recorded:
          1. behaviours::testing::Created: Created { id: 1 }
          2. behaviours::testing::Paid: 10
          3. behaviours::testing::Created: Created { id: 2 }
          4. behaviours::testing::Created: Created { id: 3 }"]]
    .assert_eq(&panic_of(|| recorder().assert_one::<Created>(|event| event.id > 1)));
    assert!(
        panic_of(|| recorder().assert_one::<Created>(|_| false)).starts_with(
            "expected exactly 1 event of type `behaviours::testing::Created` that matches, but none of the 3 recorded does\n"
        )
    );
    assert!(
        panic_of(|| recorder().assert_one::<Reserved>(|_| true)).starts_with(
            "expected exactly 1 event of type `behaviours::testing::Reserved` that matches, but none was recorded\n"
        )
    );
}

#[test]
fn in_order() {
    recorder()
        .assert_in_order()
        .then::<Created>(|event| event.id == 1)
        .then::<Created>(|event| event.id == 3);
    recorder()
        .assert_in_order()
        .then::<Created>(|_| true)
        .then::<Created>(|_| true)
        .then::<Created>(|event| event.id == 3);
    expect![[r"
        expected, as step 1, an event of type `behaviours::testing::Reserved` that matches, but none was recorded
        recorded:
          1. behaviours::testing::Created: Created { id: 1 }
          2. behaviours::testing::Paid: 10
          3. behaviours::testing::Created: Created { id: 2 }
          4. behaviours::testing::Created: Created { id: 3 }"]]
    .assert_eq(&panic_of(|| recorder().assert_in_order().then::<Reserved>(|_| true)));
    expect![[r"
        expected, as step 2, an event of type `behaviours::testing::Created` that matches after event 3, but none was recorded; event 1 matches, but comes too early
        recorded:
          1. behaviours::testing::Created: Created { id: 1 }
          2. behaviours::testing::Paid: 10
          3. behaviours::testing::Created: Created { id: 2 }
          4. behaviours::testing::Created: Created { id: 3 }"]]
    .assert_eq(&panic_of(|| {
        recorder()
            .assert_in_order()
            .then::<Created>(|event| event.id == 2)
            .then::<Created>(|event| event.id == 1)
    }));
    // Each step begins where the one before ended, and the nearest one that comes too early is told.
    let text = panic_of(|| {
        recorder()
            .assert_in_order()
            .then::<Created>(|event| event.id == 1)
            .then::<Created>(|event| event.id == 2)
            .then::<Created>(|event| event.id < 3)
    });
    assert!(
        text.starts_with(
            "expected, as step 3, an event of type `behaviours::testing::Created` that matches after event 3, but none was \
             recorded; event 3 matches, but comes too early\n"
        ),
        "{text}"
    );
    // One event is one step.
    let text = panic_of(|| {
        recorder()
            .assert_in_order()
            .then::<Created>(|event| event.id == 3)
            .then::<Created>(|event| event.id == 3)
    });
    assert!(
        text.starts_with(
            "expected, as step 2, an event of type `behaviours::testing::Created` that matches after event 4, but none was \
             recorded; event 4 matches, but comes too early\n"
        ),
        "{text}"
    );
}

#[test]
fn an_order_is_that_of_its_beginning() {
    let recorder = Recorder::new();
    recorder.record(Created { id: 1 });
    let order = recorder.assert_in_order();
    recorder.record(Reserved);
    let order = order.then::<Created>(|_| true);
    panic_of(|| order.then::<Reserved>(|_| true));
}

#[test]
fn the_exact_sequence() {
    recorder().assert_sequence::<(Created, Paid, Created, Created)>();
    expect![[r"
        expected exactly this sequence, and event 2 differs:
          1. behaviours::testing::Created
          2. behaviours::testing::Created
          3. behaviours::testing::Paid
          4. behaviours::testing::Created
        recorded:
          1. behaviours::testing::Created: Created { id: 1 }
          2. behaviours::testing::Paid: 10
          3. behaviours::testing::Created: Created { id: 2 }
          4. behaviours::testing::Created: Created { id: 3 }"]]
    .assert_eq(&panic_of(|| {
        recorder().assert_sequence::<(Created, Created, Paid, Created)>();
    }));
    // One too few, and one too many.
    expect![[r"
        expected exactly this sequence, and event 2 differs:
          1. behaviours::testing::Created
        recorded:
          1. behaviours::testing::Created: Created { id: 1 }
          2. behaviours::testing::Paid: 10
          3. behaviours::testing::Created: Created { id: 2 }
          4. behaviours::testing::Created: Created { id: 3 }"]]
    .assert_eq(&panic_of(|| recorder().assert_sequence::<Created>()));
    expect![[r"
        expected exactly this sequence, and event 1 differs:
          1. behaviours::testing::Reserved
        recorded: nothing; is the event published on a bus that has this recorder?"]]
    .assert_eq(&panic_of(|| empty().assert_sequence::<(Reserved,)>()));
}

#[test]
fn a_long_record_is_not_listed_to_its_end() {
    let recorder = Recorder::new();
    for _ in 0..50 {
        recorder.record(Reserved);
    }
    assert!(
        panic_of(|| recorder.assert_empty())
            .ends_with("\n  50. behaviours::testing::Reserved: Reserved")
    );
    recorder.record(Reserved);
    let text = panic_of(|| recorder.assert_empty());
    assert!(text.ends_with("\n  50. behaviours::testing::Reserved: Reserved\n  … and 1 more"));
    assert_eq!(text.lines().count(), 53);
}

#[test]
fn r100_an_assertion_by_type_predicate_or_value_names_the_type() {
    let (trace, builder) = shop();
    let recorder = Recorder::new();
    let bus = builder
        .capture::<OrderCreated>(&recorder)
        .capture::<OrderPaid>(&recorder)
        .capture_with(&recorder, |event: &OrderCreated| event.items.len())
        .build()
        .unwrap();
    bus.publish(&created(7)).unwrap();
    trace.take();

    recorder.assert_any::<OrderCreated>(|_| true);
    recorder.assert_any::<OrderCreated>(|event| event.id == 7);
    assert_eq!(recorder.assert_one::<OrderCreated>(|_| true).items, ["tea"]);
    assert_eq!(recorder.projections::<OrderCreated, usize>(), [1]);
    trace.add(panic_of(|| recorder.assert_any::<OrderPaid>(|_| true)));
    trace.add(panic_of(|| {
        recorder.assert_any::<OrderCreated>(|event| event.id == 8);
    }));
    trace.add(panic_of(|| {
        recorder.assert_one::<OrderCreated>(|event| event.items.is_empty())
    }));
    trace.add(panic_of(|| recorder.projections::<OrderPaid, usize>()));
    expect![[r#"
        expected an event of type `order.paid` that matches, but none was recorded
        recorded:
          1. order.created: OrderCreated { id: 7, items: ["tea"] }, 1
        expected an event of type `order.created` that matches, but the 1 recorded does not
        recorded:
          1. order.created: OrderCreated { id: 7, items: ["tea"] }, 1
        expected exactly 1 event of type `order.created` that matches, but the 1 recorded does not
        recorded:
          1. order.created: OrderCreated { id: 7, items: ["tea"] }, 1
        `order.paid` is recorded as itself, not as `usize`
        write `.capture_with(&recorder, |event: &OrderPaid| …)`, with a closure that returns `usize`, on the builder of the bus"#]]
    .assert_eq(&trace.take());
}

#[test]
fn r101_a_failed_count_tells_both_numbers_in_good_grammar() {
    let (trace, builder) = shop();
    let recorder = Recorder::new();
    let bus = builder.capture::<StockReserved>(&recorder).build().unwrap();
    for published in 0..3 {
        recorder.assert_count::<StockReserved>(published);
        for expected in (0..3).filter(|expected| *expected != published) {
            let text = panic_of(|| recorder.assert_count::<StockReserved>(expected));
            trace.add(text.lines().next().unwrap_or_default());
        }
        bus.publish(&StockReserved { id: 1 }).unwrap();
    }
    expect![[r"
        expected 1 event of type `stock.reserved`, but none was recorded
        expected 2 events of type `stock.reserved`, but none was recorded
        stock 1
        expected no event of type `stock.reserved`, but 1 was recorded
        expected 2 events of type `stock.reserved`, but 1 was recorded
        stock 1
        expected no event of type `stock.reserved`, but 2 were recorded
        expected 1 event of type `stock.reserved`, but 2 were recorded
        stock 1"]]
    .assert_eq(&trace.take());
}
