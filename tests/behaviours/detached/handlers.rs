//! Handlers of detached publishes: their failures, and the wait for all of them.

use std::future::pending;
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use eventful::{Bus, WhenFull, event, handler};
use expect_test::expect;

use super::{Kept, Shipped, bus, is_drained};
use crate::Trace;
use crate::executor::{block_on, in_time, poll_once, yield_now};
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
fn failures_are_logged_with_the_line_that_published() {
    let kept = Kept::default();
    let bus = Bus::isolated()
        .with(fail)
        .with(panic)
        .spawner(kept.spawner())
        .build()
        .unwrap();
    let log = LogRecorder::record(|| {
        block_on(bus.publish_detached(Failing(1_u8))).unwrap();
        kept.run_one();
        // Nobody is there, which is no failure.
        block_on(bus.publish_detached(Failing('c'))).unwrap();
        kept.run_one();
        block_on(bus.publish_detached(Failing(2_u8))).unwrap();
        drop(kept.take());
    });
    assert_logged(
        &log,
        &expect![[r#"
            ERROR handler failed: event="detached::handlers::Failing<u8>" handler="detached::handlers::fail" error="its error"
            ERROR handler panicked: event="detached::handlers::Failing<u8>" handler="detached::handlers::panic" error="its panic"
            WARN publish dropped before it began: event="detached::handlers::Failing<u8>""#]],
    );
    assert!(is_drained(&bus));
}

#[event(async)]
struct Countdown(u32);

#[handler(Countdown)]
async fn count_down(event: &Countdown, bus: &Bus, trace: &Trace) {
    trace.add(event.0.to_string());
    yield_now().await;
    if event.0 > 0 {
        bus.publish_detached(Countdown(event.0 - 1)).await.unwrap();
    }
}

#[test]
fn drained_waits_for_what_handlers_publish_meanwhile() {
    let (bus, kept, trace) = bus(2, WhenFull::Wait);
    let bus = bus.derive().with(count_down).build().unwrap();
    block_on(bus.publish_detached(Countdown(3))).unwrap();
    let mut drained = Box::pin(bus.drained());
    for _ in 0..4 {
        assert!(poll_once(&mut drained).is_pending());
        kept.run_one();
    }
    assert!(poll_once(&mut drained).is_ready());
    assert_eq!(trace.take(), "3\n2\n1\n0");
}

#[test]
fn drained_within_a_limit_says_how_many_are_left() {
    in_time(|| {
        let (bus, kept, _) = bus(1, WhenFull::Wait);
        bus.drained_within(Duration::ZERO).unwrap();
        block_on(bus.publish_detached(Shipped(1))).unwrap();
        let mut waiting = Box::pin(bus.publish_detached(Shipped(2)));
        assert!(poll_once(&mut waiting).is_pending());
        for limit in [0, 20].map(Duration::from_millis) {
            let start = Instant::now();
            let left = bus.drained_within(limit).unwrap_err();
            assert!(start.elapsed() >= limit);
            assert_eq!(left.count(), 2, "one is outstanding and one waits");
            assert_eq!(left.to_string(), "2 detached tasks are still outstanding");
        }
        drop(waiting);
        let (sender, receiver) = mpsc::channel::<()>();
        // Not a scoped thread: the end of one would wake this one.
        let other = thread::spawn(move || {
            thread::sleep(Duration::from_millis(10));
            kept.run_one();
            receiver.recv().ok();
        });
        // More than any clock can tell.
        bus.drained_within(Duration::MAX).unwrap();
        assert_eq!(bus.detached_count(), 0);
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
        block_on(bus.publish_detached(Shipped(1))).unwrap();
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
