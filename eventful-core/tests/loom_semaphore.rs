//! Loom models of the limit of what is handed over, and of the wait until nothing is left.
//!
//! ```text
//! RUSTFLAGS="--cfg loom" cargo test -p eventful-core --test loom_semaphore --release
//! ```
//!
//! The file under test is compiled here a second time, on loom's primitives instead of the standard library's. Loom
//! reports a model in which somebody waits for ever.
#![cfg(loom)]

#[path = "../src/bus/semaphore.rs"]
mod semaphore;
#[path = "loom/sync.rs"]
#[expect(
    dead_code,
    unused_imports,
    reason = "it is shared with other models, and a semaphore needs a part of it"
)]
mod sync;

use std::future::poll_fn;
use std::pin::pin;
use std::sync::Arc as StdArc;
use std::task::{Context, Poll, Wake, Waker};

use loom::sync::Arc;
use loom::sync::atomic::{AtomicUsize, Ordering};
use loom::thread::{self, Thread};

use self::semaphore::{Permit, Semaphore};

/// Wakes a thread that is parked.
struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: StdArc<Self>) {
        self.0.unpark();
    }
}

fn waker() -> Waker {
    Waker::from(StdArc::new(Unpark(thread::current())))
}

fn block_on<F: Future>(future: F) -> F::Output {
    let waker = waker();
    let mut future = pin!(future);
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut Context::from_waker(&waker)) {
            return output;
        }
        thread::park();
    }
}

/// Waits until the permit has a place.
fn enter(mut permit: Permit) -> Permit {
    block_on(poll_fn(|context| permit.poll_place(context)));
    permit
}

/// A permit that waits for a place, and was polled.
fn waiting(semaphore: &Semaphore) -> Permit {
    let mut permit = semaphore.queue();
    let mut context = Context::from_waker(Waker::noop());
    assert!(permit.poll_place(&mut context).is_pending());
    permit
}

/// The number of visitors, as they count it themselves.
#[derive(Clone)]
struct Inside(Arc<AtomicUsize>);

impl Inside {
    fn new() -> Self {
        Self(Arc::new(AtomicUsize::new(0)))
    }

    fn visit(&self, permit: Permit, limit: usize) {
        let inside = self.0.fetch_add(1, Ordering::Relaxed) + 1;
        assert!(inside <= limit, "{inside} permits have a place");
        thread::yield_now();
        self.0.fetch_sub(1, Ordering::Relaxed);
        drop(permit);
    }
}

#[test]
fn one_at_a_time_and_every_permit_in_the_end() {
    loom::model(|| {
        let (semaphore, inside) = (Semaphore::new(1), Inside::new());
        let visit = {
            let semaphore = semaphore.clone();
            move || inside.visit(enter(semaphore.queue()), semaphore.limit())
        };
        let threads = [thread::spawn(visit.clone()), thread::spawn(visit.clone())];
        visit();
        for thread in threads {
            thread.join().expect("it does not panic");
        }
        assert_eq!(semaphore.count(), 0);
        assert!(semaphore.try_enter().is_some());
    });
}

/// Two permits are dropped at the same time: both that wait have a place.
#[test]
fn two_places_are_for_both_permits_that_wait() {
    loom::model(|| {
        let semaphore = Semaphore::new(2);
        let permits = [(); 2].map(|()| semaphore.try_enter().expect("there is room"));
        let wait = {
            let semaphore = semaphore.clone();
            move || enter(semaphore.queue())
        };
        let threads = [thread::spawn(wait.clone()), thread::spawn(wait)];
        for permit in permits {
            drop(permit);
        }
        // Neither leaves before both have a place.
        let permits = threads.map(|thread| thread.join().expect("it does not panic"));
        assert_eq!(semaphore.count(), 2);
        drop(permits);
        assert_eq!(semaphore.count(), 0);
    });
}

/// A permit may be given a place at the moment when it is dropped, and the next one must have it.
#[test]
fn a_permit_that_is_dropped_passes_its_turn_on() {
    loom::model(|| {
        let semaphore = Semaphore::new(1);
        let permit = semaphore.try_enter().expect("there is room");
        let first = waiting(&semaphore);
        let second = {
            let semaphore = semaphore.clone();
            thread::spawn(move || drop(enter(semaphore.queue())))
        };
        let giving_up = thread::spawn(move || drop(first));
        drop(permit);
        giving_up.join().expect("it does not panic");
        second.join().expect("it does not panic");
        assert_eq!(semaphore.count(), 0);
    });
}

/// A permit that is polled at the moment when it is given a place, and then dropped.
#[test]
fn a_permit_that_is_dropped_at_its_turn_leaves_the_place_to_others() {
    loom::model(|| {
        let semaphore = Semaphore::new(1);
        let permit = semaphore.try_enter().expect("there is room");
        let second = {
            let semaphore = semaphore.clone();
            thread::spawn(move || {
                let waker = waker();
                let mut permit = semaphore.queue();
                // It is polled twice and then dropped, with or without a place.
                let mut context = Context::from_waker(&waker);
                if permit.poll_place(&mut context).is_pending() {
                    let _ = permit.poll_place(&mut context);
                }
            })
        };
        let third = {
            let semaphore = semaphore.clone();
            thread::spawn(move || drop(enter(semaphore.queue())))
        };
        drop(permit);
        second.join().expect("it does not panic");
        third.join().expect("it does not panic");
        assert_eq!(semaphore.count(), 0);
    });
}

#[test]
fn the_first_permit_has_the_first_place() {
    loom::model(|| {
        let semaphore = Semaphore::new(1);
        let permit = semaphore.try_enter().expect("there is room");
        let first = waiting(&semaphore);
        let has_first_place = Arc::new(AtomicUsize::new(0));
        let second = {
            let (semaphore, has_first_place) = (semaphore.clone(), Arc::clone(&has_first_place));
            thread::spawn(move || {
                let permit = enter(semaphore.queue());
                assert_eq!(has_first_place.load(Ordering::Acquire), 1);
                drop(permit);
            })
        };
        drop(permit);
        assert!(semaphore.try_enter().is_none(), "another one waits");
        let permit = enter(first);
        has_first_place.store(1, Ordering::Release);
        drop(permit);
        second.join().expect("it does not panic");
    });
}

/// A future that waits until no permit is left finds everything over when it is ready.
#[test]
fn drained_is_ready_when_the_last_permit_is_dropped() {
    loom::model(|| {
        let (semaphore, done) = (Semaphore::new(1), Arc::new(AtomicUsize::new(0)));
        let (permit, beside) = (
            semaphore.try_enter().expect("there is room"),
            semaphore.enter_beside(),
        );
        let waiting = semaphore.queue();
        let first = {
            let done = Arc::clone(&done);
            thread::spawn(move || {
                done.fetch_add(1, Ordering::Relaxed);
                drop(permit);
            })
        };
        let second = {
            let done = Arc::clone(&done);
            thread::spawn(move || {
                let permit = enter(waiting);
                done.fetch_add(1, Ordering::Relaxed);
                drop((permit, beside));
            })
        };
        block_on(semaphore.drained());
        assert_eq!(done.load(Ordering::Relaxed), 2);
        first.join().expect("it does not panic");
        second.join().expect("it does not panic");
    });
}

#[test]
fn every_future_that_waits_for_the_end_is_woken_also_by_a_permit_that_is_dropped() {
    loom::model(|| {
        let semaphore = Semaphore::new(1);
        let permit = semaphore.try_enter().expect("there is room");
        let waiting = waiting(&semaphore);
        let draining = {
            let semaphore = semaphore.clone();
            thread::spawn(move || block_on(semaphore.drained()))
        };
        let giving_up = thread::spawn(move || drop(waiting));
        drop(permit);
        block_on(semaphore.drained());
        draining.join().expect("it does not panic");
        giving_up.join().expect("it does not panic");
    });
}
