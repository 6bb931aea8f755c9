//! Pending events that are handed over.

use eventful::{Bus, WhenFull, event, handler};
use expect_test::expect;

use super::{Kept, Shipped, builder, bus, is_drained};
use crate::Trace;
use crate::executor::{block_on, poll_once};
use crate::log_recorder::{LogRecorder, assert_logged};

#[event]
struct Stored(u32);

#[handler(Stored)]
fn store(event: &Stored, trace: &Trace) -> Result<(), String> {
    trace.add(format!("stores {}", event.0));
    if event.0 == 0 {
        return Err(String::from("nothing to store"));
    }
    Ok(())
}

fn storing() -> (Bus, Kept, Trace) {
    let (trace, kept) = (Trace::default(), Kept::default());
    let bus = builder(&trace)
        .with(store)
        .spawner(kept.spawner())
        .build()
        .unwrap();
    (bus, kept, trace)
}

#[test]
fn r70_pending_events_are_published_in_order_in_one_task() {
    let (bus, kept, trace) = storing();
    let mut pending = bus.pending_async();
    pending.push(Shipped(1));
    pending.push(Stored(2));
    pending.push(Shipped(3));
    let handle = bus.hand_over(pending).unwrap();
    assert_eq!((kept.len(), bus.handed_over_count()), (1, 1));
    kept.run_one();
    expect![[r"
        begins 1
        ends 1
        stores 2
        begins 3
        ends 3"]]
    .assert_eq(&trace.take());
    let delivered = block_on(handle).unwrap();
    let handled: Vec<_> = delivered
        .iter()
        .map(|delivered| delivered.handled())
        .collect();
    assert_eq!(handled, [1, 1, 1]);
}

#[test]
fn pending_synchronous_events_can_be_handed_over_and_each_has_its_result() {
    let (bus, kept, trace) = storing();
    let mut pending = bus.pending();
    for number in [1, 0, 2] {
        pending.push(Stored(number));
    }
    let handle = bus.hand_over(pending).unwrap();
    kept.run_one();
    assert_eq!(trace.take(), "stores 1\nstores 0\nstores 2");
    let results = block_on(handle).unwrap_err().into_results();
    let failed: Vec<_> = results.iter().map(Result::is_err).collect();
    assert_eq!(failed, [false, true, false]);
}

#[test]
fn no_pending_events_at_all_are_an_outcome_too() {
    let (bus, kept, _) = storing();
    let handle = bus.hand_over(bus.pending_async()).unwrap();
    kept.run_one();
    assert!(block_on(handle).unwrap().is_empty());
}

#[test]
fn pending_events_that_are_cut_off_are_told_one_by_one() {
    let (bus, kept, trace) = storing();
    let mut pending = bus.pending_async();
    pending.push(Stored(1));
    pending.push(Shipped(2));
    pending.push(Stored(3));
    let log = LogRecorder::record(|| {
        let handle = bus.hand_over(pending).unwrap();
        let mut task = kept.take();
        assert!(poll_once(&mut task).is_pending());
        drop(task);
        let results = block_on(handle).unwrap_err().into_results();
        let told: Vec<_> = results
            .iter()
            .map(|result| match result {
                Ok(delivered) => format!("{} handled", delivered.handled()),
                Err(error) => {
                    let is_cancelled = error.refusal().unwrap().is_cancelled();
                    format!("{}: {is_cancelled}", error.event_name())
                }
            })
            .collect();
        trace.add(told.join("\n").replace("behaviours::", ""));
    });
    expect![[r"
        stores 1
        begins 2
        1 handled
        hand_over::Shipped: true
        hand_over::pending::Stored: true"]]
    .assert_eq(&trace.take());
    assert_logged(
        &log,
        &expect![[r#"
            WARN publish dropped half-way: event="hand_over::Shipped" cancelled="hand_over::deliver" never_started=""
            WARN publish of pending events dropped half-way: discarded="hand_over::pending::Stored""#]],
    );
    assert!(is_drained(&bus));
}

#[test]
fn pending_events_that_cannot_be_handed_over_are_named_and_no_rollback() {
    let (bus, kept, _) = bus(1, WhenFull::Reject);
    let pending = || {
        let mut pending = bus.pending_async();
        pending.push(Stored(1));
        pending.push(Shipped(2));
        pending
    };
    let log = LogRecorder::record(|| {
        bus.hand_over(pending()).unwrap();
        let error = bus.hand_over(pending()).unwrap_err();
        assert_eq!(error.event_names().len(), 2);
        assert!(
            error
                .to_string()
                .starts_with("`behaviours::hand_over::pending::Stored`, `behaviours::hand_over::Shipped` cannot be handed over, at tests/")
        );
        drop(kept.take());
    });
    assert_logged(
        &log,
        &expect![[r#"
            ERROR hand-over refused: event="hand_over::pending::Stored, hand_over::Shipped"
            ERROR event handed over to a task that was dropped before it began: event="hand_over::pending::Stored"
            ERROR event handed over to a task that was dropped before it began: event="hand_over::Shipped""#]],
    );
}
