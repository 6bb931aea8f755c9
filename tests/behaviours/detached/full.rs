//! Buses with as many detached publishes as they may have.

use std::cell::RefCell;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Weak};
use std::task::{Context, Wake, Waker};
use std::thread;
use std::time::Duration;

use eventful::{Bus, WhenFull};
use expect_test::expect;

use super::{Shipped, bus, is_drained};
use crate::executor::{block_on, in_time, poll_once};
use crate::log_recorder::{LogRecorder, assert_logged};

#[test]
fn who_waits_comes_through_in_turn() {
    let (bus, kept, trace) = bus(2, WhenFull::Wait);
    let mut publishes: Vec<_> = (1..=5)
        .map(|id| Box::pin(bus.publish_detached(Shipped(id))))
        .collect();
    let states = |publishes: &mut Vec<_>| -> String {
        let states = publishes.iter_mut().map(|publish| {
            if poll_once(publish).is_ready() {
                'r'
            } else {
                'p'
            }
        });
        states.collect()
    };
    assert_eq!(states(&mut publishes), "rrppp");
    publishes.drain(..2);
    assert_eq!((bus.detached_count(), kept.len()), (2, 2));

    kept.run_one();
    // The last one asks first, and waits all the same.
    publishes.reverse();
    assert_eq!(states(&mut publishes), "ppr");
    publishes.pop();
    publishes.reverse();
    assert_eq!(bus.detached_count(), 2);

    // One more comes behind those who wait, also if there is room.
    kept.run_one();
    publishes.push(Box::pin(bus.publish_detached(Shipped(6))));
    assert!(poll_once(&mut publishes[2]).is_pending());
    assert_eq!(states(&mut publishes), "rpp");
    drop(publishes.remove(0));

    // Who gives up leaves the others their places.
    drop(publishes.remove(0));
    kept.run_one();
    assert_eq!(states(&mut publishes), "r");
    while kept.len() > 0 {
        kept.run_one();
    }
    assert!(is_drained(&bus));
    let ran = trace.take().replace("begins ", "").replace("ends ", "");
    assert_eq!(
        ran.lines().collect::<Vec<_>>().join(" "),
        "1 1 2 2 3 3 4 4 6 6"
    );
}

#[test]
fn who_waits_is_woken() {
    in_time(|| {
        let (bus, kept, trace) = bus(1, WhenFull::Wait);
        block_on(bus.publish_detached(Shipped(1))).unwrap();
        thread::scope(|scope| {
            let waiting = scope.spawn(|| block_on(bus.publish_detached(Shipped(2))));
            let draining = scope.spawn(|| block_on(bus.drained()));
            thread::sleep(Duration::from_millis(10));
            kept.run_one();
            waiting.join().unwrap().unwrap();
            kept.run_one();
            draining.join().unwrap();
        });
        assert_eq!(trace.take(), "begins 1\nends 1\nbegins 2\nends 2");
    });
}

#[test]
fn an_event_whose_publisher_gives_up_is_logged() {
    let (bus, kept, trace) = bus(1, WhenFull::Wait);
    block_on(bus.publish_detached(Shipped(1))).unwrap();
    let log = LogRecorder::record(|| {
        drop(bus.publish_detached(Shipped(2)));
        let mut waiting = Box::pin(bus.publish_detached(Shipped(3)));
        assert!(poll_once(&mut waiting).is_pending());
    });
    assert_logged(
        &log,
        &expect![[r#"
        WARN publish dropped before it began: event="detached::Shipped"
        WARN publish dropped before it began: event="detached::Shipped""#]],
    );
    kept.run_one();
    assert!(is_drained(&bus));
    assert_eq!(trace.take(), "begins 1\nends 1");
}

#[test]
fn a_full_bus_may_reject() {
    let (bus, kept, trace) = bus(1, WhenFull::Reject);
    let log = LogRecorder::record(|| {
        block_on(bus.publish_detached(Shipped(1))).unwrap();
        let error = block_on(bus.publish_detached(Shipped(2))).unwrap_err();
        assert!(error.is_full());
        assert!(
            error
                .to_string()
                .ends_with("1 are outstanding, which is the limit of this bus")
        );
    });
    assert_logged(
        &log,
        &expect![[r#"ERROR detached publish refused: event="detached::Shipped""#]],
    );
    kept.run_one();
    block_on(bus.publish_detached(Shipped(3))).unwrap();
    kept.run_one();
    assert_eq!(trace.take(), "begins 1\nends 1\nbegins 3\nends 3");
}

#[test]
fn a_full_bus_may_run_it_inline() {
    let (bus, kept, trace) = bus(1, WhenFull::RunInline);
    block_on(bus.publish_detached(Shipped(1))).unwrap();
    block_on(bus.publish_detached(Shipped(2))).unwrap();
    assert_eq!(trace.take(), "begins 2\nends 2");
    assert_eq!((bus.detached_count(), kept.len()), (1, 1));

    let log = LogRecorder::record(|| {
        let mut inline = Box::pin(bus.publish_detached(Shipped(3)));
        assert!(poll_once(&mut inline).is_pending());
    });
    assert_logged(
        &log,
        &expect![[
            r#"WARN publish dropped half-way: event="detached::Shipped" cancelled="detached::deliver" never_started="""#
        ]],
    );
    trace.take();
    kept.run_one();
    assert_eq!(trace.take(), "begins 1\nends 1");
}

#[test]
fn a_bus_that_lets_nobody_through_runs_inline_or_rejects() {
    let (inline, _, trace) = bus(0, WhenFull::RunInline);
    block_on(inline.publish_detached(Shipped(1))).unwrap();
    assert_eq!(trace.take(), "begins 1\nends 1");
    let (reject, ..) = bus(0, WhenFull::Reject);
    assert!(
        block_on(reject.publish_detached(Shipped(1)))
            .unwrap_err()
            .is_full()
    );
}

#[test]
fn a_derived_bus_has_the_same_settings_and_its_own_count() {
    let (bus, kept, _) = bus(1, WhenFull::Reject);
    let derived = bus.derive().build().unwrap();
    block_on(bus.publish_detached(Shipped(1))).unwrap();
    block_on(derived.publish_detached(Shipped(2))).unwrap();
    block_on(derived.publish_detached(Shipped(3))).unwrap_err();
    assert_eq!(
        (bus.detached_count(), derived.detached_count(), kept.len()),
        (1, 1, 2)
    );
    kept.run_one();
    assert_eq!((bus.detached_count(), derived.detached_count()), (0, 1));
    kept.run_one();
}

/// A waker that uses the bus when it is dropped, as one may that holds the last reference to a task.
struct UsesBusOnDrop(Bus);

impl Wake for UsesBusOnDrop {
    fn wake(self: Arc<Self>) {}
}

impl Drop for UsesBusOnDrop {
    fn drop(&mut self) {
        assert!(self.0.detached_count() <= 1);
    }
}

#[test]
fn wakers_are_dropped_where_they_may_use_the_bus_and_with_the_future() {
    in_time(|| {
        let (bus, kept, _) = bus(1, WhenFull::Wait);
        let wakers = RefCell::new(Vec::new());
        let alive = |wakers: &RefCell<Vec<Weak<_>>>| {
            let wakers = wakers.borrow();
            wakers
                .iter()
                .filter(|waker| waker.strong_count() > 0)
                .count()
        };
        let poll_with_a_new_waker = |future: Pin<&mut dyn Future<Output = ()>>| {
            let waker = Arc::new(UsesBusOnDrop(bus.clone()));
            wakers.borrow_mut().push(Arc::downgrade(&waker));
            let waker = Waker::from(waker);
            future.poll(&mut Context::from_waker(&waker)).is_ready()
        };
        block_on(bus.publish_detached(Shipped(1))).unwrap();
        let mut left = Box::pin(async { bus.publish_detached(Shipped(2)).await.unwrap() });
        let mut let_through = Box::pin(async { bus.publish_detached(Shipped(3)).await.unwrap() });
        let mut drained = Box::pin(bus.drained());
        for _ in 0..3 {
            assert!(!poll_with_a_new_waker(left.as_mut()));
            assert!(!poll_with_a_new_waker(let_through.as_mut()));
            assert!(!poll_with_a_new_waker(drained.as_mut()));
        }
        assert_eq!(alive(&wakers), 3);
        drop(left);
        drop(drained);
        assert_eq!(alive(&wakers), 1);
        kept.run_one();
        assert!(
            !is_drained(&bus),
            "one has its turn, which it has not taken"
        );
        assert!(poll_with_a_new_waker(let_through.as_mut()));
        kept.run_one();
        assert!(is_drained(&bus));
        assert_eq!(alive(&wakers), 0);
    });
}

#[test]
fn a_limit_that_lets_everybody_wait_for_ever_is_a_fault() {
    let error = Bus::isolated()
        .detached_limit(0, WhenFull::Wait)
        .build()
        .unwrap_err();
    assert!(
        error
            .to_string()
            .contains("lets every detached publish wait for ever"),
        "{error}"
    );
    for when_full in [WhenFull::Reject, WhenFull::RunInline] {
        Bus::isolated()
            .detached_limit(0, when_full)
            .build()
            .unwrap();
    }
}
