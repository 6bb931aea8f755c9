//! Spawners, and the tasks that they are given.

use eventful::WhenFull;
use expect_test::expect;

use super::{Shipped, builder, bus, is_drained};
use crate::Trace;
use crate::executor::{block_on, poll_once};
use crate::log_recorder::{LogRecorder, assert_logged};

#[test]
fn a_spawner_that_panics_is_an_error() {
    struct PanicsOnDrop;

    impl Drop for PanicsOnDrop {
        fn drop(&mut self) {
            panic!("the payload, too");
        }
    }

    let bus = builder(&Trace::default())
        .spawner(|task| {
            drop(task);
            std::panic::panic_any(PanicsOnDrop)
        })
        .build()
        .unwrap();
    let log = LogRecorder::record(|| {
        let error = bus.hand_over(Shipped(1)).unwrap_err();
        assert!(error.to_string().ends_with(": the spawner panicked"));
        assert!(error.is_spawner_panic() && !error.is_full() && !error.is_runtime_ended());
    });
    assert_logged(
        &log,
        &expect![[r#"ERROR hand-over refused: event="hand_over::Shipped""#]],
    );
    assert!(is_drained(&bus));
}

#[test]
fn the_text_of_a_spawners_panic_is_in_the_error() {
    let bus = builder(&Trace::default())
        .spawner(|task| drop(tokio::spawn(task)))
        .build()
        .unwrap();
    let error = bus.hand_over(Shipped(1)).unwrap_err();
    assert!(
        error
            .to_string()
            .contains("the spawner panicked: there is no reactor running"),
        "{error}"
    );
}

#[test]
fn r70_a_spawner_that_drops_the_task_is_an_error() {
    let bus = builder(&Trace::default())
        .spawner(drop)
        .hand_over_limit(1, WhenFull::Reject)
        .build()
        .unwrap();
    let log = LogRecorder::record(|| {
        for id in 0..2 {
            let error = bus.hand_over(Shipped(id)).unwrap_err();
            assert!(error.is_runtime_ended() && !error.is_full());
            assert!(
                error
                    .to_string()
                    .ends_with(": the spawner has dropped the task, as a runtime does that has ended; await `drained` before it ends")
            );
        }
    });
    assert_logged(
        &log,
        &expect![[r#"
        ERROR hand-over refused: event="hand_over::Shipped"
        ERROR hand-over refused: event="hand_over::Shipped""#]],
    );
    assert!(is_drained(&bus));
}

#[test]
fn r70_a_task_that_is_dropped_later_is_told_by_the_handle_and_in_the_log() {
    let (bus, kept, trace) = bus(1, WhenFull::Reject);
    let log = LogRecorder::record(|| {
        let handle = bus.hand_over(Shipped(1)).unwrap();
        drop(kept.take());
        let error = block_on(handle).unwrap_err();
        assert!(error.refusal().unwrap().is_cancelled());
        assert!(
            error
                .to_string()
                .ends_with("was not delivered: the task that it was handed over to was dropped before the publish had ended; await `drained` before the runtime ends"),
            "{error}"
        );
    });
    assert_logged(
        &log,
        &expect![[
            r#"ERROR event handed over to a task that was dropped before it began: event="hand_over::Shipped""#
        ]],
    );
    assert_eq!(trace.take(), "");
    assert!(is_drained(&bus));
}

#[test]
fn a_tokio_runtime_that_has_ended_is_an_error() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    let handle = runtime.handle().clone();
    let bus = builder(&Trace::default())
        .spawner(move |task| drop(handle.spawn(task)))
        .build()
        .unwrap();
    // It has not run when the runtime ends, which its handle tells.
    let waiting = bus.hand_over(Shipped(1)).unwrap();
    drop(runtime);
    let error = block_on(waiting).unwrap_err();
    assert!(error.refusal().unwrap().is_cancelled());
    // And from now on nothing can run.
    assert!(bus.hand_over(Shipped(2)).unwrap_err().is_runtime_ended());
    assert!(is_drained(&bus));
}

#[test]
fn a_task_that_is_dropped_half_way_says_how_far_it_came() {
    let (bus, kept, trace) = bus(1, WhenFull::Reject);
    let handle = bus.hand_over(Shipped(1)).unwrap();
    let log = LogRecorder::record(|| {
        let mut task = kept.take();
        assert!(poll_once(&mut task).is_pending());
        assert_eq!(bus.handed_over_count(), 1);
    });
    assert_eq!(trace.take(), "begins 1");
    let error = block_on(handle).unwrap_err();
    assert!(error.refusal().unwrap().is_cancelled());
    assert_logged(
        &log,
        &expect![[
            r#"WARN publish dropped half-way: event="hand_over::Shipped" cancelled="hand_over::deliver" never_started="""#
        ]],
    );
    assert!(is_drained(&bus));
    bus.hand_over(Shipped(2)).unwrap();
    kept.run_one();
    assert_eq!(trace.take(), "begins 2\nends 2");
}

#[test]
fn a_task_that_is_over_is_not_outstanding_and_may_be_polled_again() {
    let (bus, kept, trace) = bus(1, WhenFull::Reject);
    bus.hand_over(Shipped(1)).unwrap();
    let log = LogRecorder::record(|| {
        let mut task = kept.take();
        assert!(poll_once(&mut task).is_pending());
        assert!(poll_once(&mut task).is_ready());
        assert!(is_drained(&bus), "although the spawner has kept the task");
        assert!(poll_once(&mut task).is_ready());
    });
    assert_eq!(log, "");
    assert_eq!(trace.take(), "begins 1\nends 1");
}

#[test]
fn a_spawner_may_run_the_task_at_once() {
    let trace = Trace::default();
    let bus = builder(&trace)
        .spawner(block_on)
        .hand_over_limit(1, WhenFull::Reject)
        .build()
        .unwrap();
    for id in 1..=2 {
        bus.hand_over(Shipped(id)).unwrap();
    }
    assert_eq!(trace.take(), "begins 1\nends 1\nbegins 2\nends 2");
}
