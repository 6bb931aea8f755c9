//! Work that outlives whoever asks for it.

use std::collections::VecDeque;
use std::future::pending;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};
use std::thread;

use eventful::{Bus, DetachedTask, WhenFull, event, handler};
use expect_test::expect;

use crate::Trace;
use crate::polling::{Recorder, Wakes, assert_logged, block_on, in_time, poll_once, yield_now};

#[event(async)]
struct Placed(u32);

#[handler(Placed)]
async fn place(event: &Placed, trace: &Trace) {
    trace.add(format!("begins {}", event.0));
    yield_now().await;
    trace.add(format!("ends {}", event.0));
}

/// A spawner that only keeps what it is given.
#[derive(Clone, Default)]
struct Kept(Arc<Mutex<VecDeque<DetachedTask>>>);

impl Kept {
    fn take(&self) -> DetachedTask {
        self.0.lock().unwrap().pop_front().expect("a task was kept")
    }

    fn is_empty(&self) -> bool {
        self.0.lock().unwrap().is_empty()
    }
}

fn bus(limit: usize, when_full: WhenFull) -> (Bus, Kept, Arc<Trace>) {
    let (trace, kept) = (Arc::new(Trace::default()), Kept::default());
    let spawner = kept.clone();
    let bus = Bus::isolated()
        .with(place)
        .provide_arc(Arc::clone(&trace))
        .spawner(move |task| spawner.0.lock().unwrap().push_back(task))
        .detached_limit(limit, when_full)
        .build()
        .unwrap();
    (bus, kept, trace)
}

fn is_drained(bus: &Bus) -> bool {
    poll_once(&mut Box::pin(bus.drained())).is_ready()
}

#[test]
fn it_runs_once_on_the_spawner_with_the_bus_as_the_current_one_and_has_an_output() {
    let (bus, kept, trace) = bus(10, WhenFull::Wait);
    let work = async {
        // An ambient publish, on no other bus than this one.
        Placed(1).publish().await.unwrap().handled()
    };
    let mut work = block_on(bus.detach(work)).unwrap();
    assert!(poll_once(&mut work).is_pending());
    assert_eq!((trace.take().as_str(), bus.detached()), ("", 1));
    assert!(!is_drained(&bus));
    let task = kept.take();
    assert!(
        format!("{task:?}").starts_with("DetachedTask(detached at tests/runtime/detached_work.rs:")
    );
    block_on(task);
    assert_eq!(trace.take(), "begins 1\nends 1");
    assert!(is_drained(&bus));
    assert_eq!(block_on(work).unwrap(), 1);
}

#[test]
fn who_does_not_wait_for_the_output_stops_nothing() {
    let (bus, kept, trace) = bus(10, WhenFull::Wait);
    let publish = {
        let mut pending = bus.pending_async();
        pending.push(Placed(1));
        async move { pending.publish().await.unwrap() }
    };
    let log = Recorder::record(|| {
        drop(block_on(bus.detach(publish)).unwrap());
        assert!(!is_drained(&bus));
        block_on(kept.take());
    });
    assert_eq!(
        (trace.take().as_str(), log.as_str()),
        ("begins 1\nends 1", "")
    );
    assert!(is_drained(&bus));
}

#[test]
fn who_waits_for_the_output_is_woken_once_it_is_there() {
    in_time(|| {
        let (bus, kept, _) = bus(10, WhenFull::Wait);
        let (first, last) = (Arc::new(Wakes::default()), Arc::new(Wakes::default()));
        let mut work = block_on(bus.detach(async { yield_now().await })).unwrap();
        for wakes in [&first, &last] {
            let waker = Waker::from(Arc::clone(wakes));
            let polled = std::pin::Pin::new(&mut work).poll(&mut Context::from_waker(&waker));
            assert!(polled.is_pending());
        }
        let mut task = kept.take();
        assert!(poll_once(&mut task).is_pending());
        assert_eq!(last.count(), 0);
        assert!(poll_once(&mut task).is_ready());
        assert_eq!((first.count(), last.count()), (0, 1));
        assert!(poll_once(&mut work).is_ready());

        let work = block_on(bus.detach(async { 7 })).unwrap();
        thread::scope(|scope| {
            let waiting = scope.spawn(|| block_on(work).unwrap());
            block_on(kept.take());
            assert_eq!(waiting.join().unwrap(), 7);
        });
    });
}

#[test]
fn work_that_panics_is_logged_and_an_error_and_no_longer_outstanding() {
    struct PanicsOnDrop;

    impl Drop for PanicsOnDrop {
        fn drop(&mut self) {
            panic!("when it is dropped");
        }
    }

    let (bus, kept, _) = bus(10, WhenFull::Wait);
    let log = Recorder::record(|| {
        let line = line!() + 1;
        let work = block_on(bus.detach(async { panic!("no {}", 1) })).unwrap();
        let debug = format!("{work:?}");
        block_on(kept.take());
        let error = block_on(work).map(|(): ()| ()).unwrap_err();
        assert_eq!((error.is_panic(), error.detached_at().line()), (true, line));
        let text = error.to_string();
        assert!(text.starts_with("what was detached at tests/runtime/detached_work.rs:"));
        assert!(text.ends_with(" panicked: no 1"), "{text}");
        assert_eq!(
            debug,
            format!("DetachedWork(detached at {})", error.detached_at())
        );

        let held = PanicsOnDrop;
        let work = block_on(bus.detach(async move {
            let _held = &held;
        }));
        block_on(kept.take());
        assert!(block_on(work.unwrap()).unwrap_err().is_panic());
    });
    assert_logged(
        &log,
        &expect![[r#"
            ERROR detached work panicked: error="no 1"
            ERROR detached work panicked: error="when it is dropped""#]],
    );
    assert!(is_drained(&bus));
}

#[test]
fn work_that_the_spawner_drops_is_logged_and_an_error() {
    let (bus, kept, _) = bus(10, WhenFull::Wait);
    let log = Recorder::record(|| {
        let before = block_on(bus.detach(pending::<()>())).unwrap();
        drop(kept.take());
        let error = block_on(before).unwrap_err();
        assert!(!error.is_panic());
        assert!(
            error
                .to_string()
                .ends_with("was dropped before it was finished")
        );

        let half_way = block_on(bus.detach(pending::<()>())).unwrap();
        let mut task = kept.take();
        assert!(poll_once(&mut task).is_pending());
        drop(task);
        assert!(block_on(half_way).is_err());
    });
    assert_logged(
        &log,
        &expect![[r"
            WARN detached work dropped before it began:
            WARN detached work dropped half-way:"]],
    );
    assert!(is_drained(&bus));
}

#[test]
fn it_counts_with_the_publishes_and_waits_in_turn_with_them() {
    let (bus, kept, trace) = bus(1, WhenFull::Wait);
    block_on(bus.publish_detached(Placed(1))).unwrap();
    let mut detaching = Box::pin(bus.detach(async { Placed(2).publish().await.is_ok() }));
    assert!(poll_once(&mut detaching).is_pending());
    assert_eq!((bus.detached(), kept.0.lock().unwrap().len()), (1, 1));
    let log = Recorder::record(|| {
        let mut given_up = Box::pin(bus.detach(pending::<()>()));
        assert!(poll_once(&mut given_up).is_pending());
    });
    assert_logged(
        &log,
        &expect!["WARN detached work dropped before it began:"],
    );
    block_on(kept.take());
    let Poll::Ready(Ok(work)) = poll_once(&mut detaching) else {
        panic!("there is room")
    };
    block_on(kept.take());
    assert!(block_on(work).unwrap());
    assert_eq!(trace.take(), "begins 1\nends 1\nbegins 2\nends 2");
    assert!(is_drained(&bus));
}

#[test]
fn a_full_bus_rejects_it_or_runs_it_inline() {
    let (rejecting, kept, _) = bus(1, WhenFull::Reject);
    block_on(rejecting.publish_detached(Placed(1))).unwrap();
    let log = Recorder::record(|| {
        let error = block_on(rejecting.detach(async {})).unwrap_err();
        assert!(error.is_full() && error.event_name().is_none());
        let text = error.to_string();
        let expected = " was not begun: 1 are outstanding, which is the limit of this bus";
        assert!(text.ends_with(expected), "{text}");
    });
    assert_logged(&log, &expect!["ERROR detached work refused:"]);
    block_on(kept.take());

    let (inline, kept, trace) = bus(0, WhenFull::RunInline);
    let work = block_on(inline.detach(async { Placed(2).publish().await.unwrap().handled() }));
    assert_eq!(trace.take(), "begins 2\nends 2");
    assert!(kept.is_empty());
    assert_eq!(block_on(work.unwrap()).unwrap(), 1);
}

#[test]
fn without_a_spawner_or_with_one_that_panics_it_is_an_error() {
    let bus = Bus::isolated().build().unwrap();
    let error = block_on(bus.detach(async {})).unwrap_err();
    assert!(error.to_string().ends_with(
        " was not begun: the bus has nothing to run it on; write `.spawner(|task| …)` on the builder, or await it"
    ));
    let bus = bus.derive().spawner(|_| panic!("no")).build().unwrap();
    let error = block_on(bus.detach(async {})).unwrap_err();
    assert!(
        error
            .to_string()
            .ends_with(" was not begun: the spawner panicked")
    );
    assert!(is_drained(&bus));
}

#[test]
fn many_threads_get_the_output_of_their_own_work() {
    in_time(|| {
        let ran = Arc::new(AtomicUsize::new(0));
        let bus = Bus::isolated()
            .spawner(|task| drop(thread::spawn(|| block_on(task))))
            .detached_limit(3, WhenFull::Wait)
            .build()
            .unwrap();
        thread::scope(|scope| {
            for number in 0..8 {
                let (bus, ran) = (&bus, &ran);
                scope.spawn(move || {
                    for round in 0..50 {
                        let ran = Arc::clone(ran);
                        let work = bus.detach(async move {
                            yield_now().await;
                            ran.fetch_add(1, Ordering::Relaxed);
                            (number, round)
                        });
                        let output = block_on(async { work.await.unwrap().await });
                        assert_eq!(output.unwrap(), (number, round));
                    }
                });
            }
        });
        block_on(bus.drained());
        assert_eq!(ran.load(Ordering::Relaxed), 400);
    });
}
