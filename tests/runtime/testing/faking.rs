//! What a fake keeps from being delivered.

use std::sync::Arc;

use eventful::testing::Recorder;
use eventful::{Bus, BusBuilder, Delivered};
use expect_test::expect;

use super::{Created, Of, Paid, Reserved, Shipped, book, notify, reserve, stock};
use crate::Trace;

fn all(trace: &Arc<Trace>) -> BusBuilder {
    Bus::isolated()
        .with(reserve)
        .with(stock)
        .with(book)
        .with(notify)
        .provide_arc(Arc::clone(trace))
}

#[test]
fn a_faked_event_is_recorded_and_reaches_nobody() {
    let (recorder, trace) = (Recorder::new(), Arc::default());
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
    expect!["Recorder[runtime::testing::Reserved: Reserved, runtime::testing::Of<u64>: Of(1), runtime::testing::Shipped: Shipped { id: 2 }, runtime::testing::Reserved: Reserved]"]
        .assert_eq(&format!("{recorder:?}"));
}

#[test]
fn a_fake_of_what_cannot_be_cloned_records_a_projection() {
    let (recorder, trace) = (Recorder::new(), Arc::default());
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
    let (recorder, trace) = (Recorder::new(), Arc::default());
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
    let (recorder, trace) = (Recorder::new(), Arc::default());
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
    expect!["Recorder[runtime::testing::Created: Created { id: 1 }, runtime::testing::Paid, runtime::testing::Of<char>, runtime::testing::Shipped]"]
        .assert_eq(&format!("{recorder:?}"));
    recorder.assert_count::<Paid>(1);
    recorder.assert_none::<Reserved>();
}

#[test]
fn everything_but_some_can_be_faked_and_these_have_real_results() {
    let (recorder, trace) = (Recorder::new(), Arc::default());
    let bus = all(&trace)
        .fake_all_but::<(Created, Paid)>(&recorder)
        .build()
        .unwrap();
    assert_eq!(bus.publish(&Created { id: 1 }).unwrap().handled(), 1);
    let error = bus.publish(&Paid { amount: 2 }).unwrap_err();
    assert_eq!(error.failures()[0].message(), "the books are closed");
    assert_eq!(trace.take(), "reserve 1\nbook 2");
    assert_eq!(recorder.names(), ["runtime::testing::Reserved"]);
}

#[test]
fn of_several_calls_about_everything_the_last_counts() {
    let (recorder, trace) = (Recorder::new(), Arc::default());
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
    let trace = Arc::default();
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
    let (recorder, trace) = (Recorder::new(), Arc::default());
    let bus = all(&trace).build().unwrap();
    let muted = bus.derive().fake_all(&recorder).build().unwrap();
    muted.scope(|| Created { id: 1 }.publish()).unwrap();
    bus.scope(|| Created { id: 2 }.publish()).unwrap();
    assert_eq!(trace.take(), "reserve 2\nstock");
    recorder.assert_sequence::<Created>();
}
