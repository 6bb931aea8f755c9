//! Fakes, which keep events from their handlers.

use eventful::testing::Recorder;
use eventful::{Bus, BusBuilder, Delivered};
use expect_test::expect;

use super::shop::{
    OrderCreated, OrderPaid, OrderShipped, StockReserved, add_record, created, shop,
};
use super::{Created, Of, Paid, Reserved, Shipped, book, notify, panic_of, reserve, stock};
use crate::Trace;
use crate::executor::block_on;

fn all(trace: &Trace) -> BusBuilder {
    Bus::isolated()
        .with(reserve)
        .with(stock)
        .with(book)
        .with(notify)
        .provide(trace.clone())
}

#[test]
fn a_faked_event_is_recorded_and_reaches_nobody() {
    let (recorder, trace) = (Recorder::new(), Trace::default());
    let bus = all(&trace)
        .fake::<Reserved>(&recorder)
        .fake::<Shipped>(&recorder)
        .fake::<Of<u64>>(&recorder)
        .build()
        .unwrap();
    assert_eq!(bus.publish(&Reserved).unwrap(), Delivered::default());
    assert_eq!(bus.publish(&Of(1_u64)).unwrap(), Delivered::default());
    let shipped = smol::block_on(bus.publish(&Shipped { id: 2 })).unwrap();
    assert_eq!(shipped, Delivered::default());
    // A nested one, too; what is around it is delivered.
    assert_eq!(bus.publish(&Created { id: 3 }).unwrap().handled(), 1);
    assert_eq!(trace.take(), "reserve 3");
    expect!["Recorder[behaviours::testing::Reserved: Reserved, behaviours::testing::Of<u64>: Of(1), behaviours::testing::Shipped: Shipped { id: 2 }, behaviours::testing::Reserved: Reserved]"]
        .assert_eq(&format!("{recorder:?}"));
}

#[test]
fn a_fake_of_what_cannot_be_cloned_records_a_projection() {
    let (recorder, trace) = (Recorder::new(), Trace::default());
    let bus = all(&trace)
        .fake_with(&recorder, |event: &Paid| event.amount)
        .build()
        .unwrap();
    bus.publish(&Paid { amount: 5 }).unwrap();
    assert_eq!(recorder.projections::<Paid, u64>(), [5]);
    assert_eq!(trace.take(), "");
}

#[test]
fn a_fake_can_be_about_some_events_of_a_type() {
    let (recorder, trace) = (Recorder::new(), Trace::default());
    let bus = all(&trace)
        .fake_if(&recorder, |event: &Created| event.id < 3)
        .fake_if(&recorder, |event: &Created| event.id == 5)
        .build()
        .unwrap();
    for id in 1..6 {
        bus.publish(&Created { id }).unwrap();
    }
    assert_eq!(trace.take(), "reserve 3\nstock\nreserve 4\nstock");
    let faked: Vec<_> = recorder
        .events::<Created>()
        .iter()
        .map(|event| event.id)
        .collect();
    assert_eq!(faked, [1, 2, 5]);
}

#[test]
fn what_is_not_faked_of_a_type_is_recorded_if_it_is_captured() {
    let recorder = Recorder::new();
    let bus = Bus::isolated()
        .fake_if(&recorder, |event: &Created| event.id < 3)
        .capture_with(&recorder, |event: &Created| event.id)
        .build()
        .unwrap();
    for id in 2..4 {
        bus.publish(&Created { id }).unwrap();
    }
    assert_eq!(recorder.projections::<Created, u64>(), [2, 3]);
    assert_eq!(recorder.events::<Created>().len(), 2);
}

#[test]
fn everything_can_be_faked_and_what_is_captured_keeps_its_values() {
    let (recorder, trace) = (Recorder::new(), Trace::default());
    let bus = all(&trace)
        .fake_all(&recorder)
        .capture::<Created>(&recorder)
        .build()
        .unwrap();
    bus.publish(&Created { id: 1 }).unwrap();
    assert_eq!(
        bus.publish(&Paid { amount: 1 }).unwrap(),
        Delivered::default()
    );
    bus.publish(&Of('x')).unwrap();
    smol::block_on(bus.publish(&Shipped { id: 2 })).unwrap();
    assert_eq!(trace.take(), "");
    expect!["Recorder[behaviours::testing::Created: Created { id: 1 }, behaviours::testing::Paid, behaviours::testing::Of<char>, behaviours::testing::Shipped]"]
        .assert_eq(&format!("{recorder:?}"));
    recorder.assert_count::<Paid>(1);
    recorder.assert_none::<Reserved>();
}

#[test]
fn of_several_calls_about_everything_the_last_counts() {
    let (recorder, trace) = (Recorder::new(), Trace::default());
    let bus = all(&trace)
        .fake_all(&recorder)
        .fake_all_but::<Reserved>(&recorder)
        .build()
        .unwrap();
    bus.publish(&Reserved).unwrap();
    assert_eq!(trace.take(), "stock");
    recorder.assert_empty();
}

#[test]
fn what_one_recorder_fakes_another_still_captures() {
    let (faking, capturing, late) = (Recorder::new(), Recorder::new(), Recorder::new());
    let trace = Trace::default();
    let bus = all(&trace)
        .capture::<Reserved>(&capturing)
        .fake::<Reserved>(&faking)
        .capture::<Reserved>(&late)
        .build()
        .unwrap();
    bus.publish(&Reserved).unwrap();
    for recorder in [faking, capturing, late] {
        recorder.assert_count::<Reserved>(1);
    }
    assert_eq!(trace.take(), "");
}

#[test]
fn a_derived_bus_fakes_what_its_own_builder_says_too() {
    let (recorder, trace) = (Recorder::new(), Trace::default());
    let bus = all(&trace).build().unwrap();
    let muted = bus.derive().fake_all(&recorder).build().unwrap();
    muted.scope(|| Created { id: 1 }.publish()).unwrap();
    bus.scope(|| Created { id: 2 }.publish()).unwrap();
    assert_eq!(trace.take(), "reserve 2\nstock");
    recorder.assert_sequence::<Created>();
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
