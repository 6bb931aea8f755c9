//! Buses to which as much was handed over as they allow.

use std::cell::RefCell;
use std::sync::{Arc, Weak};
use std::task::{Context, Wake, Waker};
use std::time::Duration;
use std::{future::Future, pin::Pin};

use eventful::{Bus, BusBuilder, HandOverError, WhenFull, event, handler};
use expect_test::expect;

use super::{Shipped, bus, is_drained};
use crate::Trace;
use crate::executor::{block_on, in_time, poll_once, yield_now};
use crate::log_recorder::{LogRecorder, assert_logged};

#[test]
fn r70_a_full_bus_rejects_unless_it_is_told_otherwise() {
    let (bus, kept, trace) = bus(1, WhenFull::default());
    let log = LogRecorder::record(|| {
        bus.hand_over(Shipped(1)).unwrap();
        let error = bus.hand_over(Shipped(2)).unwrap_err();
        assert!(error.is_full() && !error.is_without_spawner());
        assert!(error.to_string().ends_with(
            ": the bus has as many under way as its limit allows, 1; write `.hand_over_limit(…)` on the builder \
             for another limit, or for `WhenFull::Queue`"
        ));
    });
    assert_logged(
        &log,
        &expect![[r#"ERROR hand-over refused: event="hand_over::Shipped""#]],
    );
    kept.run_one();
    bus.hand_over(Shipped(3)).unwrap();
    kept.run_one();
    assert_eq!(trace.take(), "begins 1\nends 1\nbegins 3\nends 3");
}

#[test]
fn the_default_limit_is_1024() {
    let kept = super::Kept::default();
    let bus = Bus::isolated().spawner(kept.spawner()).build().unwrap();
    for id in 0..1024 {
        bus.hand_over(Shipped(id)).unwrap();
    }
    assert!(bus.hand_over(Shipped(1024)).unwrap_err().is_full());
}

#[test]
fn a_queue_gives_places_in_the_order_of_the_calls() {
    let (bus, kept, trace) = bus(2, WhenFull::Queue);
    for id in 1..=5 {
        bus.hand_over(Shipped(id)).unwrap();
    }
    assert_eq!((bus.handed_over_count(), kept.len()), (5, 5));
    let mut tasks = [(); 5].map(|()| kept.take());
    // The last one asks first, and waits all the same.
    for task in tasks.iter_mut().rev() {
        assert!(poll_once(task).is_pending());
    }
    assert_eq!(trace.take(), "begins 2\nbegins 1");
    assert!(poll_once(&mut tasks[1]).is_ready());
    for task in [4, 3, 2] {
        assert!(poll_once(&mut tasks[task]).is_pending());
    }
    assert_eq!(trace.take(), "ends 2\nbegins 3");
    let [first, _, third, fourth, fifth] = tasks;
    // A task that is dropped leaves its place, or its turn, to the next.
    drop(third);
    drop(fourth);
    trace.take();
    block_on(fifth);
    assert_eq!(trace.take(), "begins 5\nends 5");
    block_on(first);
    assert!(is_drained(&bus));
}

#[test]
fn a_task_that_waits_for_a_place_is_woken() {
    in_time(|| {
        let (bus, kept, trace) = bus(1, WhenFull::Queue);
        let first = bus.hand_over(Shipped(1)).unwrap();
        bus.hand_over(Shipped(2)).unwrap();
        std::thread::scope(|scope| {
            let (first_task, second_task) = (kept.take(), kept.take());
            let second = scope.spawn(|| block_on(second_task));
            let draining = scope.spawn(|| block_on(bus.drained()));
            std::thread::sleep(Duration::from_millis(10));
            block_on(first_task);
            block_on(first).unwrap();
            second.join().unwrap();
            draining.join().unwrap();
        });
        assert_eq!(trace.take(), "begins 1\nends 1\nbegins 2\nends 2");
    });
}

#[test]
fn a_task_that_is_dropped_while_it_waits_for_a_place_is_told() {
    let (bus, kept, trace) = bus(1, WhenFull::Queue);
    bus.hand_over(Shipped(1)).unwrap();
    let log = LogRecorder::record(|| {
        let handle = bus.hand_over(Shipped(2)).unwrap();
        let (first, mut second) = (kept.take(), kept.take());
        assert!(poll_once(&mut second).is_pending());
        drop(second);
        assert!(block_on(handle).is_err());
        block_on(first);
    });
    assert_logged(
        &log,
        &expect![[
            r#"ERROR event handed over to a task that was dropped before it began: event="hand_over::Shipped""#
        ]],
    );
    assert!(is_drained(&bus));
    assert_eq!(trace.take(), "begins 1\nends 1");
}

#[event(async)]
struct Outer(u32);

#[event(async)]
struct Inner(u32);

/// Waits for the end of what it hands over.
#[handler(Outer)]
async fn outer(event: &Outer, bus: &Bus, trace: &Trace) -> Result<(), HandOverError> {
    trace.add(format!("outer {} begins", event.0));
    yield_now().await;
    bus.hand_over(Inner(event.0))?.await.unwrap();
    trace.add(format!("outer {} ends", event.0));
    Ok(())
}

#[handler(Inner)]
async fn inner(event: &Inner, bus: &Bus, trace: &Trace) -> Result<(), HandOverError> {
    yield_now().await;
    bus.hand_over(Shipped(event.0))?.await.unwrap();
    trace.add(format!("inner {}", event.0));
    Ok(())
}

fn nested(trace: &Trace) -> BusBuilder {
    super::builder(trace).with(outer).with(inner)
}

#[test]
fn r70_nested_hand_overs_that_wait_for_each_other_end_with_either_policy() {
    for when_full in [WhenFull::Reject, WhenFull::Queue] {
        in_time(move || {
            let trace = Trace::default();
            let runtime = tokio::runtime::Builder::new_current_thread()
                .build()
                .unwrap();
            let handle = runtime.handle().clone();
            let bus = nested(&trace)
                .spawner(move |task| drop(handle.spawn(task)))
                .hand_over_limit(2, when_full)
                .build()
                .unwrap();
            runtime.block_on(async {
                // Both places are taken, and each waits for one more, which waits for one more.
                let handles = [1, 2].map(|id| bus.hand_over(Outer(id)).unwrap());
                for handle in handles {
                    assert_eq!(handle.await.unwrap().handled(), 1);
                }
                bus.drained().await;
            });
            let lines = trace.take_lines();
            let ended = lines
                .iter()
                .filter(|line| line.starts_with("outer") && line.ends_with("ends"));
            assert_eq!(ended.count(), 2, "{lines:?}");
        });
    }
}

#[test]
fn a_hand_over_of_a_handler_takes_no_place_and_counts() {
    let trace = Trace::default();
    let kept = super::Kept::default();
    let bus = nested(&trace)
        .spawner(kept.spawner())
        .hand_over_limit(1, WhenFull::Reject)
        .build()
        .unwrap();
    bus.hand_over(Outer(1)).unwrap();
    let mut outer = kept.take();
    assert!(poll_once(&mut outer).is_pending());
    assert!(poll_once(&mut outer).is_pending());
    assert_eq!(bus.handed_over_count(), 2, "both are counted");
    drop(outer);
    // The one that is left has no place, which is free.
    assert_eq!(bus.handed_over_count(), 1);
    bus.hand_over(Outer(2)).unwrap();
    assert!(bus.hand_over(Outer(3)).unwrap_err().is_full());
}

#[event(async)]
struct Threaded;

#[handler(Threaded)]
async fn hand_over_in_a_thread(_: &Threaded, bus: &Bus) {
    let bus = bus.clone();
    let thread = std::thread::spawn(move || bus.hand_over(Shipped(1)));
    assert!(thread.join().unwrap().unwrap_err().is_full());
}

#[test]
fn a_thread_that_a_handler_spawns_needs_a_place_for_what_it_hands_over() {
    let kept = super::Kept::default();
    let bus = Bus::isolated()
        .with(hand_over_in_a_thread)
        .spawner(kept.spawner())
        .hand_over_limit(1, WhenFull::Reject)
        .build()
        .unwrap();
    let outcome = bus.hand_over(Threaded).unwrap();
    kept.run_one();
    assert_eq!(block_on(outcome).unwrap().handled(), 1);
}

#[test]
fn r75_derived_buses_share_the_limit_and_the_count() {
    let (bus, kept, _) = bus(2, WhenFull::Reject);
    let derived = bus.derive().build().unwrap();
    let second = derived.derive().build().unwrap();
    derived.hand_over(Shipped(1)).unwrap();
    second.hand_over(Shipped(2)).unwrap();
    assert!(bus.hand_over(Shipped(3)).unwrap_err().is_full());
    for bus in [&bus, &derived, &second] {
        assert_eq!(bus.handed_over_count(), 2);
    }
    let mut drained = Box::pin(bus.drained());
    drop((derived, second));
    for _ in 0..2 {
        assert!(poll_once(&mut drained).is_pending());
        kept.run_one();
    }
    assert!(poll_once(&mut drained).is_ready());
}

#[test]
fn a_derived_bus_with_a_limit_of_its_own_has_its_own_count() {
    let (bus, kept, _) = bus(1, WhenFull::Reject);
    let derived = bus
        .derive()
        .hand_over_limit(2, WhenFull::Reject)
        .build()
        .unwrap();
    for id in 1..=2 {
        derived.hand_over(Shipped(id)).unwrap();
    }
    bus.hand_over(Shipped(3)).unwrap();
    assert_eq!(
        (bus.handed_over_count(), derived.handed_over_count()),
        (1, 2)
    );
    assert_eq!(kept.len(), 3, "it has the same spawner");
}

#[test]
fn a_derived_bus_with_a_spawner_of_its_own_shares_the_count() {
    let (bus, _kept, _) = bus(1, WhenFull::Reject);
    let own = super::Kept::default();
    let derived = bus.derive().spawner(own.spawner()).build().unwrap();
    derived.hand_over(Shipped(1)).unwrap();
    assert_eq!((own.len(), bus.handed_over_count()), (1, 1));
}

/// A waker that uses the bus when it is dropped, as one may that holds the last reference to a task.
struct UsesBusOnDrop(Bus);

impl Wake for UsesBusOnDrop {
    fn wake(self: Arc<Self>) {}
}

impl Drop for UsesBusOnDrop {
    fn drop(&mut self) {
        assert!(self.0.handed_over_count() <= 3);
    }
}

#[test]
fn wakers_are_dropped_where_they_may_use_the_bus_and_with_the_future() {
    in_time(|| {
        let (bus, kept, _) = bus(1, WhenFull::Queue);
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
        for id in 1..=2 {
            bus.hand_over(Shipped(id)).unwrap();
        }
        let handle = bus.hand_over(Shipped(3)).unwrap();
        let mut handle = Box::pin(async move { handle.await.map(drop).unwrap() });
        let [first, left, let_through] = [(); 3].map(|()| kept.take());
        let (mut left, mut let_through) = (Box::pin(left), Box::pin(let_through));
        let mut drained = Box::pin(bus.drained());
        for _ in 0..3 {
            assert!(!poll_with_a_new_waker(left.as_mut()));
            assert!(!poll_with_a_new_waker(let_through.as_mut()));
            assert!(!poll_with_a_new_waker(drained.as_mut()));
            assert!(!poll_with_a_new_waker(handle.as_mut()));
        }
        assert_eq!(alive(&wakers), 4);
        drop(left);
        drop(drained);
        assert_eq!(alive(&wakers), 2);
        block_on(first);
        assert!(!is_drained(&bus), "one has a place, and has not run");
        block_on(let_through);
        assert!(is_drained(&bus));
        assert!(poll_with_a_new_waker(handle.as_mut()));
        assert_eq!(alive(&wakers), 0);
    });
}

#[test]
fn a_limit_that_lets_everybody_wait_for_ever_is_a_fault() {
    let error = Bus::isolated()
        .hand_over_limit(0, WhenFull::Queue)
        .build()
        .unwrap_err();
    assert!(
        error
            .to_string()
            .contains("lets everything that is handed over wait for ever"),
        "{error}"
    );
    let (bus, ..) = bus(0, WhenFull::Reject);
    assert!(bus.hand_over(Shipped(1)).unwrap_err().is_full());
}
