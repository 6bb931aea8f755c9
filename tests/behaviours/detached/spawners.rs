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
        let error = block_on(bus.publish_detached(Shipped(1))).unwrap_err();
        assert!(error.to_string().ends_with("the spawner panicked"));
        assert!(!error.is_full());
    });
    assert_logged(
        &log,
        &expect![[r#"
            WARN publish dropped before it began: event="detached::Shipped"
            ERROR detached publish refused: event="detached::Shipped""#]],
    );
    assert!(is_drained(&bus));
}

#[test]
fn a_spawner_that_drops_the_task_loses_it_with_a_line_in_the_log() {
    let bus = builder(&Trace::default())
        .spawner(drop)
        .detached_limit(1, WhenFull::Reject)
        .build()
        .unwrap();
    let log = LogRecorder::record(|| {
        for id in 0..2 {
            block_on(bus.publish_detached(Shipped(id))).unwrap();
        }
    });
    assert_logged(
        &log,
        &expect![[r#"
        WARN publish dropped before it began: event="detached::Shipped"
        WARN publish dropped before it began: event="detached::Shipped""#]],
    );
    assert!(is_drained(&bus));
}

#[test]
fn a_task_that_is_dropped_half_way_says_how_far_it_came() {
    let (bus, kept, trace) = bus(1, WhenFull::Reject);
    block_on(bus.publish_detached(Shipped(1))).unwrap();
    let log = LogRecorder::record(|| {
        let mut task = kept.take();
        assert!(poll_once(&mut task).is_pending());
        assert_eq!(bus.detached_count(), 1);
    });
    assert_eq!(trace.take(), "begins 1");
    assert_logged(
        &log,
        &expect![[
            r#"WARN publish dropped half-way: event="detached::Shipped" cancelled="detached::deliver" never_started="""#
        ]],
    );
    assert!(is_drained(&bus));
    block_on(bus.publish_detached(Shipped(2))).unwrap();
    kept.run_one();
    assert_eq!(trace.take(), "begins 2\nends 2");
}

#[test]
fn a_task_that_is_over_is_not_outstanding_and_may_be_polled_again() {
    let (bus, kept, trace) = bus(1, WhenFull::Reject);
    block_on(bus.publish_detached(Shipped(1))).unwrap();
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
        .detached_limit(1, WhenFull::Reject)
        .build()
        .unwrap();
    for id in 1..=2 {
        block_on(bus.publish_detached(Shipped(id))).unwrap();
    }
    assert_eq!(trace.take(), "begins 1\nends 1\nbegins 2\nends 2");
}
