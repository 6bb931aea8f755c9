//! What `eventful::testing` gives to tests.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use eventful::testing::{Recorder, assert_handles};
use eventful::{
    AnyEvent, Bus, BusBuilder, DetachedTask, PublishError, event, family, handler, handlers,
};
use expect_test::expect;

use crate::{Trace, block_on};

#[event(name = "order.created")]
#[derive(Clone, Debug, PartialEq)]
struct OrderCreated {
    id: u64,
    items: Vec<&'static str>,
}

#[event(name = "stock.reserved")]
#[derive(Clone, Debug, PartialEq)]
struct StockReserved {
    id: u64,
}

/// A veto stops it.
#[event(name = "order.paid", fail_fast)]
#[derive(Clone, Debug, PartialEq)]
struct OrderPaid {
    amount: u64,
}

#[event(async, name = "order.shipped")]
#[derive(Clone, Debug, PartialEq)]
struct OrderShipped {
    id: u64,
}

#[handler(OrderCreated)]
fn reserve(event: &OrderCreated, trace: &Trace) -> Result<(), PublishError> {
    trace.add(format!("reserve {}", event.id));
    StockReserved { id: event.id }.publish().map(drop)
}

#[handler(StockReserved, order = 5, id = "warehouse.stock")]
fn stock(event: &StockReserved, trace: &Trace) {
    trace.add(format!("stock {}", event.id));
}

#[handler(OrderPaid, order = -1)]
fn check(event: &OrderPaid, trace: &Trace) -> Result<(), String> {
    trace.add(format!("check {}", event.amount));
    if event.amount == 0 {
        return Err("nothing is paid".to_owned());
    }
    Ok(())
}

#[handler(OrderPaid)]
fn book(event: &OrderPaid, trace: &Trace) {
    trace.add(format!("book {}", event.amount));
}

#[handler(OrderShipped)]
async fn notify(event: &OrderShipped, trace: &Trace) {
    trace.add(format!("notify {}", event.id));
}

fn created(id: u64) -> OrderCreated {
    OrderCreated {
        id,
        items: vec!["tea"],
    }
}

/// All of them, on a bus in the making.
fn shop() -> (Trace, BusBuilder) {
    let (trace, builder) = Trace::with_bus();
    let builder = builder
        .with(reserve)
        .with(stock)
        .with(check)
        .with(book)
        .with(notify);
    (trace, builder)
}

/// What a test sees when its assertion fails.
fn panic_of<R>(body: impl FnOnce() -> R) -> String {
    let Err(payload) = catch_unwind(AssertUnwindSafe(body)) else {
        return "it did not panic".to_owned();
    };
    *payload.downcast().expect("the text is made at run time")
}

/// Adds a line for each event: its own, not the recorder's `Debug`.
fn add_record(trace: &Trace, recorder: &Recorder) {
    trace.add(format!("recorded: {}", recorder.names().join(", ")));
}

#[test]
fn r94_a_recorder_has_type_values_and_order_of_its_scope_and_can_be_cleared_or_made_by_hand() {
    let (trace, builder) = shop();
    let recorder = Recorder::new();
    let bus = builder
        .capture::<OrderCreated>(&recorder)
        .capture::<StockReserved>(&recorder)
        .capture::<OrderShipped>(&recorder)
        .build()
        .unwrap();
    // What prepares the test, the test, and what tidies up: all of the bus's life.
    bus.publish(&StockReserved { id: 0 }).unwrap();
    bus.scope(|| created(1).publish()).unwrap();
    block_on(bus.publish(&OrderShipped { id: 1 })).unwrap();
    // On no bus of this recorder.
    Bus::isolated()
        .build()
        .unwrap()
        .publish(&created(9))
        .unwrap();
    add_record(&trace, &recorder);
    trace.add(format!("{:?}", recorder.events::<OrderCreated>()));
    trace.add(format!("{:?}", recorder.events::<StockReserved>()));

    recorder.clear();
    add_record(&trace, &recorder);
    bus.publish(&created(2)).unwrap();
    drop(bus);
    add_record(&trace, &recorder);

    let given = Recorder::new();
    given.record(StockReserved { id: 3 });
    given.record(created(4));
    add_record(&trace, &given);
    trace.add(format!("{:?}", given.events::<OrderCreated>()));
    expect![[r#"
        stock 0
        reserve 1
        stock 1
        notify 1
        recorded: stock.reserved, order.created, stock.reserved, order.shipped
        [OrderCreated { id: 1, items: ["tea"] }]
        [StockReserved { id: 0 }, StockReserved { id: 1 }]
        recorded: 
        reserve 2
        stock 2
        recorded: order.created, stock.reserved
        recorded: stock.reserved, order.created
        [OrderCreated { id: 4, items: ["tea"] }]"#]]
    .assert_eq(&trace.take());
}

/// The process's default bus is what cannot be isolated: `tests/testing_process.rs` has that a second one is refused.
#[test]
fn r95_each_test_has_its_own_record_though_all_run_at_once() {
    let (trace, builder) = shop();
    let base = builder.build().unwrap();
    let counts: Vec<_> = thread::scope(|scope| {
        let tests: Vec<_> = (0..8_u64)
            .map(|test| {
                let base = &base;
                scope.spawn(move || {
                    let recorder = Recorder::new();
                    let bus = base
                        .derive()
                        .capture::<StockReserved>(&recorder)
                        .build()
                        .unwrap();
                    for _ in 0..50 {
                        bus.scope(|| created(test).publish()).unwrap();
                    }
                    let events = recorder.events::<StockReserved>();
                    assert!(events.iter().all(|event| event.id == test));
                    events.len()
                })
            })
            .collect();
        tests.into_iter().map(|test| test.join().unwrap()).collect()
    });
    assert_eq!(trace.take().lines().count(), 800);
    trace.add(format!("{counts:?}"));

    // Sharing is one record, on purpose. What would make two meanings one is refused.
    let shared = Recorder::new();
    let buses = [(); 2].map(|()| {
        base.derive()
            .capture::<StockReserved>(&shared)
            .build()
            .unwrap()
    });
    for (id, bus) in (1..).zip(&buses) {
        bus.publish(&StockReserved { id }).unwrap();
    }
    trace.add(format!("{:?}", shared.events::<StockReserved>()));
    let twice = base
        .derive()
        .capture_with(&shared, |event: &StockReserved| event.id);
    trace.add(panic_of(|| {
        twice.capture_with(&shared, |event: &StockReserved| event.id + 1)
    }));
    expect![[r"
        [50, 50, 50, 50, 50, 50, 50, 50]
        stock 1
        stock 2
        [StockReserved { id: 1 }, StockReserved { id: 2 }]
        `stock.reserved` is projected to `u64` for this recorder already
        project it to another type, such as a tuple of both, or give the bus a second recorder"]]
    .assert_eq(&trace.take());
}

#[test]
fn r97_a_fake_records_and_runs_no_handler() {
    let (trace, builder) = shop();
    let recorder = Recorder::new();
    let bus = builder
        .subscribe("closure", |_: &OrderPaid| -> () { panic!("it runs") })
        .fake::<OrderPaid>(&recorder)
        .fake::<StockReserved>(&recorder)
        .fake::<OrderShipped>(&recorder)
        .build()
        .unwrap();
    trace.add(format!(
        "{:?}",
        bus.publish(&OrderPaid { amount: 0 }).unwrap()
    ));
    trace.add(format!("{:?}", bus.publish(&created(1)).unwrap()));
    trace.add(format!(
        "{:?}",
        block_on(bus.publish(&OrderShipped { id: 1 })).unwrap()
    ));
    add_record(&trace, &recorder);
    expect![[r"
        Delivered { handled: 0, skipped: 0, cascaded: 0 }
        reserve 1
        Delivered { handled: 1, skipped: 0, cascaded: 0 }
        Delivered { handled: 0, skipped: 0, cascaded: 0 }
        recorded: order.paid, stock.reserved, order.shipped"]]
    .assert_eq(&trace.take());
}

#[test]
fn r99_a_fake_of_some_events_leaves_the_others_as_they_are() {
    fn publish_all(bus: &Bus, trace: &Trace) {
        for amount in [0, 5] {
            match bus.publish(&OrderPaid { amount }) {
                Ok(delivered) => trace.add(format!("{} handled", delivered.handled())),
                Err(error) => trace.add(format!(
                    "{} handled, {}",
                    error.delivered().handled(),
                    error.failures()[0].message()
                )),
            }
        }
        bus.publish(&created(1)).unwrap();
    }

    let (trace, builder) = shop();
    let base = builder.build().unwrap();
    let recorder = Recorder::new();

    trace.add("only one type:");
    let bus = base
        .derive()
        .fake::<OrderCreated>(&recorder)
        .build()
        .unwrap();
    publish_all(&bus, &trace);
    add_record(&trace, &recorder);

    trace.add("all but two:");
    let recorder = Recorder::new();
    let bus = base
        .derive()
        .fake_all_but::<(OrderPaid, OrderCreated)>(&recorder)
        .build()
        .unwrap();
    publish_all(&bus, &trace);
    add_record(&trace, &recorder);

    trace.add("by a predicate:");
    let recorder = Recorder::new();
    let bus = base
        .derive()
        .fake_if(&recorder, |event: &OrderPaid| event.amount == 0)
        .build()
        .unwrap();
    publish_all(&bus, &trace);
    add_record(&trace, &recorder);
    trace.add(panic_of(|| recorder.assert_none::<OrderCreated>()));
    expect![[r"
        only one type:
        check 0
        1 handled, nothing is paid
        check 5
        book 5
        2 handled
        recorded: order.created
        all but two:
        check 0
        1 handled, nothing is paid
        check 5
        book 5
        2 handled
        reserve 1
        recorded: stock.reserved
        by a predicate:
        0 handled
        check 5
        book 5
        2 handled
        reserve 1
        stock 1
        recorded: order.paid
        `order.created` is not recorded here
        this recorder fakes `order.paid`
        to record it, write `.capture::<OrderCreated>(&recorder)` on the builder of the bus"]]
    .assert_eq(&trace.take());
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

#[test]
fn r103_a_test_can_ask_whether_a_function_is_declared_for_an_event() {
    struct Billing(Trace);

    #[handlers]
    impl Billing {
        #[handler(OrderPaid, before = book, id = "billing.charge")]
        fn charge(&self, _: &OrderPaid) {
            self.0.add("charge");
        }
    }

    #[family]
    trait Step {}
    impl Step for Delivered {}
    impl Step for Returned {}

    #[event(as(dyn Step))]
    struct Delivered;

    #[event(as(dyn Step))]
    struct Returned;

    #[handler(dyn Step)]
    fn log(_: &dyn Step) {}

    #[handler(Delivered, Returned, order = -7)]
    fn count<E: Step>(_: &E) {}

    #[handler(dyn AnyEvent)]
    fn everything(_: &dyn AnyEvent) {}

    fn helper(_: &OrderPaid) {}

    let trace = Trace::default();
    assert_handles::<OrderCreated, _>(reserve);
    assert_handles::<StockReserved, _>(stock);
    assert_handles::<OrderPaid, _>(check);
    assert_handles::<OrderShipped, _>(notify);
    assert_handles::<OrderPaid, _>(Billing::charge);
    assert_handles::<Delivered, _>(log);
    assert_handles::<Returned, _>(log);
    assert_handles::<Delivered, _>(count::<Delivered>);
    assert_handles::<Returned, _>(count::<Returned>);
    assert_handles::<Returned, _>(everything);
    assert_handles::<OrderShipped, _>(everything);
    let text = panic_of(|| assert_handles::<StockReserved, _>(reserve));
    let lines = text
        .lines()
        .map(|line| line.split(" (").next().unwrap_or_default());
    trace.add(lines.collect::<Vec<_>>().join("\n"));
    let text = panic_of(|| assert_handles::<OrderPaid, _>(helper));
    trace.add(text.lines().next_back().unwrap_or_default());
    expect![[r"
        `behaviours::test_support::reserve` does not handle `stock.reserved`
        `stock.reserved` is handled by
          1. warehouse.stock
        `behaviours::test_support::reserve` handles
          1. order.created
        `behaviours::test_support::r103_a_test_can_ask_whether_a_function_is_declared_for_an_event::helper` handles nothing: write `#[handler(OrderPaid)]` on it, and `#[handlers]` on the `impl` of a method"]]
    .assert_eq(&trace.take());
}

#[test]
fn r105_waiting_ends_with_a_fitting_event_or_at_the_limit_and_with_nothing_else() {
    const LONG: Duration = Duration::from_secs(60);
    const SHORT: Duration = Duration::from_millis(20);
    let (trace, builder) = Trace::with_bus();
    let recorder = Recorder::new();
    let bus = builder
        .capture::<OrderCreated>(&recorder)
        .capture::<StockReserved>(&recorder)
        .build()
        .unwrap();
    let begun = Instant::now();
    thread::scope(|scope| {
        scope.spawn(|| {
            thread::sleep(SHORT);
            bus.publish(&StockReserved { id: 2 }).unwrap();
            bus.publish(&created(1)).unwrap();
            thread::sleep(SHORT);
            bus.publish(&created(2)).unwrap();
        });
        let event = recorder.wait_for::<OrderCreated>(LONG, |event| event.id == 2);
        trace.add(format!("{event:?}"));
    });
    assert!(begun.elapsed() < LONG);
    recorder.clear();
    bus.publish(&StockReserved { id: 3 }).unwrap();
    bus.publish(&created(4)).unwrap();
    trace.add(panic_of(|| {
        recorder.wait_for::<OrderCreated>(SHORT, |event| event.id == 3)
    }));
    expect![[r#"
        OrderCreated { id: 2, items: ["tea"] }
        no event of type `order.created` that matches was recorded within 20ms
        recorded:
          1. stock.reserved: StockReserved { id: 3 }
          2. order.created: OrderCreated { id: 4, items: ["tea"] }"#]]
    .assert_eq(&trace.take());
}

#[test]
fn r108_in_a_mute_scope_nobody_is_called_and_nothing_is_delivered_later() {
    let (trace, builder) = shop();
    let bus = builder.build().unwrap();
    let muted = bus.derive().fake_all(&Recorder::new()).build().unwrap();
    bus.scope(|| {
        trace.add("before");
        created(1).publish().unwrap();
        muted.scope(|| {
            trace.add("muted");
            created(2).publish().unwrap();
        });
        drop(muted);
        trace.add("after");
        created(3).publish().unwrap();
    });
    expect![[r"
        before
        reserve 1
        stock 1
        muted
        after
        reserve 3
        stock 3"]]
    .assert_eq(&trace.take());
}

#[test]
fn r109_a_temporary_handler_works_in_its_scope_with_its_filter_and_leaves_nothing_behind() {
    let (trace, builder) = shop();
    let bus = builder.build().unwrap();
    let seen = trace.clone();
    let temporary = bus
        .derive()
        .subscribe("temporary", move |event: &StockReserved| {
            if event.id > 1 {
                seen.add(format!("temporary {}", event.id));
            }
        })
        .build()
        .unwrap();
    let publish = || {
        for id in 1..3 {
            StockReserved { id }.publish().unwrap();
        }
    };
    bus.scope(|| {
        publish();
        temporary.scope(publish);
        drop(temporary);
        publish();
    });
    trace.add(format!("{} handler", bus.handlers::<StockReserved>().len()));
    expect![[r"
        stock 1
        stock 2
        stock 1
        temporary 2
        stock 2
        stock 1
        stock 2
        1 handler"]]
    .assert_eq(&trace.take());
}

/// The bus knows no transaction: its events wait in `pending`, which the commit publishes and the rollback drops.
#[test]
fn r114_a_fake_records_what_waits_for_the_commit_only_when_it_is_committed() {
    let (trace, builder) = shop();
    let recorder = Recorder::new();
    let bus = builder
        .fake::<StockReserved>(&recorder)
        .fake::<OrderShipped>(&recorder)
        .build()
        .unwrap();
    for is_committed in [false, true] {
        let mut pending = bus.pending();
        pending.push(StockReserved { id: 1 });
        pending.push(created(2));
        let mut shipments = bus.pending_async();
        shipments.push(OrderShipped { id: 3 });
        add_record(&trace, &recorder);
        if is_committed {
            trace.add("commit");
            pending.publish().unwrap();
            block_on(shipments.publish()).unwrap();
        } else {
            trace.add("rollback");
            drop(pending);
            drop(shipments);
        }
        add_record(&trace, &recorder);
    }
    expect![[r"
        recorded: 
        rollback
        recorded: 
        recorded: 
        commit
        reserve 2
        recorded: stock.reserved, stock.reserved, order.shipped"]]
    .assert_eq(&trace.take());
}

/// There is no time in a bus to be injected; what runs detached publishes is the executor.
#[test]
fn r115_the_executor_is_injectable_and_really_used() {
    let (trace, builder) = shop();
    let recorder = Recorder::new();
    let queue: Arc<Mutex<Vec<DetachedTask>>> = Arc::default();
    let tasks = Arc::clone(&queue);
    let bus = builder
        .spawner(move |task| tasks.lock().unwrap().push(task))
        .capture::<OrderShipped>(&recorder)
        .build()
        .unwrap();
    for id in 1..3 {
        block_on(bus.publish_detached(OrderShipped { id })).unwrap();
    }
    trace.add("published");
    add_record(&trace, &recorder);
    let tasks = std::mem::take(&mut *queue.lock().unwrap());
    for task in tasks.into_iter().rev() {
        block_on(task);
    }
    trace.add(format!("{:?}", recorder.events::<OrderShipped>()));
    expect![[r"
        published
        recorded: 
        notify 2
        notify 1
        [OrderShipped { id: 2 }, OrderShipped { id: 1 }]"]]
    .assert_eq(&trace.take());
}

#[test]
fn r116_recorders_are_independent_readers() {
    let (trace, builder) = Trace::with_bus();
    let readers = [Recorder::new(), Recorder::new(), Recorder::new()];
    let builder = readers.iter().fold(builder, |builder, reader| {
        builder.capture::<StockReserved>(reader)
    });
    let bus = builder.build().unwrap();
    let take = |reader: &Recorder| {
        let ids: Vec<_> = reader
            .take::<StockReserved>()
            .iter()
            .map(|event| event.id)
            .collect();
        format!("{ids:?}")
    };
    for id in 0..3 {
        bus.publish(&StockReserved { id }).unwrap();
        trace.add(format!("the first reads {}", take(&readers[0])));
    }
    trace.add(format!("the second reads {}", take(&readers[1])));
    bus.publish(&StockReserved { id: 3 }).unwrap();
    thread::scope(|scope| {
        let taking = readers
            .each_ref()
            .map(|reader| scope.spawn(|| take(reader)));
        for (name, taken) in ["first", "second", "third"].iter().zip(taking) {
            trace.add(format!("the {name} reads {}", taken.join().unwrap()));
        }
    });
    expect![[r"
        the first reads [0]
        the first reads [1]
        the first reads [2]
        the second reads [0, 1, 2]
        the first reads [3]
        the second reads [3]
        the third reads [0, 1, 2, 3]"]]
    .assert_eq(&trace.take());
}
