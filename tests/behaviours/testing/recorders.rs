//! Recorders: one a test, one for several buses, several for one bus.

use std::sync::{Arc, Mutex};
use std::thread;

use eventful::testing::Recorder;
use eventful::{Bus, HandOverTask};
use expect_test::expect;

use super::panic_of;
use super::shop::{OrderCreated, OrderShipped, StockReserved, add_record, created, shop};
use crate::Trace;
use crate::executor::block_on;

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

/// A process has one default bus: `tests/process/testing_process.rs` is about that.
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

/// There is no time in a bus to be injected; what runs what is handed over is the executor.
#[test]
fn r115_the_executor_is_injectable_and_really_used() {
    let (trace, builder) = shop();
    let recorder = Recorder::new();
    let queue: Arc<Mutex<Vec<HandOverTask>>> = Arc::default();
    let tasks = Arc::clone(&queue);
    let bus = builder
        .spawner(move |task| tasks.lock().unwrap().push(task))
        .capture::<OrderShipped>(&recorder)
        .build()
        .unwrap();
    for id in 1..3 {
        bus.hand_over(OrderShipped { id }).unwrap();
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
