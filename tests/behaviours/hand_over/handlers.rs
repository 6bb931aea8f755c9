//! Handlers of what was handed over: their failures, and the wait for all of them.

use std::future::{Future, pending};
use std::pin::Pin;
use std::sync::{Arc, mpsc};
use std::task::{Context, Waker};
use std::thread;
use std::time::{Duration, Instant};

use eventful::{Bus, Failure, WhenFull, event, handler};
use expect_test::expect;
use std::panic::{AssertUnwindSafe, catch_unwind};

use super::{Kept, Shipped, bus, is_drained};
use crate::Trace;
use crate::executor::{Wakes, block_on, in_time, poll_once, yield_now};
use crate::log_recorder::{LogRecorder, assert_logged};

#[event(async)]
struct Failing<T>(T);

#[handler(Failing<u8>)]
async fn fail(_: &Failing<u8>) -> Result<(), String> {
    yield_now().await;
    Err(String::from("its error"))
}

#[handler(Failing<u8>)]
async fn panic(_: &Failing<u8>) {
    yield_now().await;
    panic!("its panic");
}

#[test]
fn failures_are_logged_and_are_the_outcome() {
    let kept = Kept::default();
    let bus = Bus::isolated()
        .with(fail)
        .with(panic)
        .spawner(kept.spawner())
        .build()
        .unwrap();
    let log = LogRecorder::record(|| {
        let handle = bus.hand_over(Failing(1_u8)).unwrap();
        kept.run_one();
        let failures = block_on(handle).unwrap_err().into_failures();
        let messages: Vec<_> = failures.iter().map(Failure::message).collect();
        assert_eq!(messages, ["its error", "its panic"]);
        // Nobody is there, which is no failure.
        let handle = bus.hand_over(Failing('c')).unwrap();
        kept.run_one();
        assert_eq!(block_on(handle).unwrap().handled(), 0);
    });
    assert_logged(
        &log,
        &expect![[r#"
            ERROR handler failed: event="hand_over::handlers::Failing<u8>" handler="hand_over::handlers::fail" error="its error"
            ERROR handler panicked: event="hand_over::handlers::Failing<u8>" handler="hand_over::handlers::panic" error="its panic""#]],
    );
    assert!(is_drained(&bus));
}

#[test]
fn failures_are_logged_if_nobody_waits_for_the_outcome() {
    let kept = Kept::default();
    let bus = Bus::isolated()
        .with(fail)
        .spawner(kept.spawner())
        .build()
        .unwrap();
    let log = LogRecorder::record(|| {
        drop(bus.hand_over(Failing(1_u8)).unwrap());
        kept.run_one();
    });
    assert_logged(
        &log,
        &expect![[
            r#"ERROR handler failed: event="hand_over::handlers::Failing<u8>" handler="hand_over::handlers::fail" error="its error""#
        ]],
    );
}

#[test]
fn a_synchronous_event_can_be_handed_over_too() {
    #[event]
    struct Stored;

    let (trace, kept) = (Trace::default(), Kept::default());
    let told = trace.clone();
    let bus = Bus::isolated()
        .subscribe("store", move |_: &Stored| told.add("stored"))
        .spawner(kept.spawner())
        .build()
        .unwrap();
    let handle = bus.hand_over(Stored).unwrap();
    assert_eq!(trace.take(), "");
    kept.run_one();
    assert_eq!(block_on(handle).unwrap().handled(), 1);
    assert_eq!(trace.take(), "stored");
}

#[test]
fn a_handle_that_is_polled_too_often_panics_every_time() {
    let (bus, kept, _trace) = bus(1, WhenFull::Reject);
    let mut outcome = bus.hand_over(Shipped(1)).unwrap();
    kept.run_one();
    assert!(poll_once(&mut outcome).is_ready());
    for _ in 0..2 {
        let polled = catch_unwind(AssertUnwindSafe(|| poll_once(&mut outcome).is_ready()));
        assert_eq!(
            polled.unwrap_err().downcast_ref(),
            Some(&"`HandedOver` was polled after it was ready")
        );
        assert_eq!(format!("{outcome:?}"), "HandedOver(finished)");
    }
}

#[test]
fn the_handle_is_woken_when_all_is_over() {
    let (bus, kept, _) = bus(1, WhenFull::Reject);
    let mut handle = bus.hand_over(Shipped(1)).unwrap();
    assert_eq!(format!("{handle:?}"), "HandedOver(under way)");
    let wakes = Arc::new(Wakes::default());
    let told = Waker::from(Arc::clone(&wakes));
    for waker in [&told, Waker::noop(), &told] {
        let polled = Pin::new(&mut handle).poll(&mut Context::from_waker(waker));
        assert!(polled.is_pending());
    }
    kept.run_one();
    assert_eq!((wakes.count(), bus.handed_over_count()), (1, 0));
    assert_eq!(format!("{handle:?}"), "HandedOver(finished)");
    assert!(poll_once(&mut handle).is_ready());
}

#[test]
fn a_panic_in_the_drop_of_an_event_does_not_reach_the_spawner() {
    #[event(async)]
    struct PanicsOnDrop;

    impl Drop for PanicsOnDrop {
        fn drop(&mut self) {
            panic!("when it is dropped");
        }
    }

    let (bus, kept, _) = bus(1, WhenFull::Reject);
    let handle = bus.hand_over(PanicsOnDrop).unwrap();
    kept.run_one();
    assert_eq!(block_on(handle).unwrap().handled(), 0);
    // Nor does it reach who hands it over, or who drops the task.
    bus.hand_over(PanicsOnDrop).unwrap();
    assert!(bus.hand_over(PanicsOnDrop).unwrap_err().is_full());
    drop(kept.take());
    assert!(is_drained(&bus));
}

#[event(async)]
struct Countdown(u32);

#[handler(Countdown)]
async fn count_down(event: &Countdown, bus: &Bus, trace: &Trace) {
    trace.add(event.0.to_string());
    yield_now().await;
    if event.0 > 0 {
        bus.hand_over(Countdown(event.0 - 1)).unwrap();
    }
}

#[test]
fn drained_waits_for_what_handlers_publish_meanwhile() {
    let (bus, kept, trace) = bus(1, WhenFull::Reject);
    let bus = bus.derive().with(count_down).build().unwrap();
    bus.hand_over(Countdown(3)).unwrap();
    let mut drained = Box::pin(bus.drained());
    for _ in 0..4 {
        assert!(poll_once(&mut drained).is_pending());
        kept.run_one();
    }
    assert!(poll_once(&mut drained).is_ready());
    assert_eq!(trace.take(), "3\n2\n1\n0");
}

#[event(async)]
struct Stopping;

#[handler(Stopping)]
async fn stop(_: &Stopping, bus: &Bus) {
    assert!(!is_drained(bus), "it would wait for itself");
}

#[test]
fn drained_is_not_ready_in_a_handler_that_was_handed_over() {
    let kept = Kept::default();
    let bus = Bus::isolated().with(stop).spawner(kept.spawner()).build();
    let bus = bus.unwrap();
    let outcome = bus.hand_over(Stopping).unwrap();
    kept.run_one();
    assert_eq!(block_on(outcome).unwrap().handled(), 1);
    assert!(is_drained(&bus));
}

#[test]
fn drained_within_a_limit_says_how_many_are_left() {
    in_time(|| {
        let (bus, kept, _) = bus(1, WhenFull::Queue);
        bus.drained_within(Duration::ZERO).unwrap();
        bus.hand_over(Shipped(1)).unwrap();
        bus.hand_over(Shipped(2)).unwrap();
        for limit in [0, 20].map(Duration::from_millis) {
            let start = Instant::now();
            let left = bus.drained_within(limit).unwrap_err();
            assert!(start.elapsed() >= limit);
            assert_eq!(left.count(), 2, "one has a place and one waits");
            assert_eq!(left.to_string(), "hand-overs that have not ended: 2");
        }
        let (sender, receiver) = mpsc::channel::<()>();
        // Not a scoped thread: the end of one would wake this one.
        let other = thread::spawn(move || {
            thread::sleep(Duration::from_millis(10));
            kept.run_one();
            kept.run_one();
            receiver.recv().ok();
        });
        // More than any clock can tell.
        bus.drained_within(Duration::MAX).unwrap();
        assert_eq!(bus.handed_over_count(), 0);
        drop(sender);
        other.join().unwrap();
    });
}

#[test]
fn a_handler_that_never_ends_is_left_at_the_limit() {
    in_time(|| {
        let kept = Kept::default();
        let bus = Bus::isolated()
            .subscribe("never", |_: &Shipped| pending::<()>())
            .spawner(kept.spawner())
            .build()
            .unwrap();
        bus.hand_over(Shipped(1)).unwrap();
        let mut task = kept.take();
        assert!(poll_once(&mut task).is_pending());
        assert_eq!(
            bus.drained_within(Duration::from_millis(10))
                .unwrap_err()
                .count(),
            1
        );
        drop(task);
        bus.drained_within(Duration::ZERO).unwrap();
    });
}
