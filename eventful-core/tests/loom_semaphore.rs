//! Loom models of the limit of detached publishes, and of the wait until none is left.
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

use std::pin::{Pin, pin};
use std::sync::Arc as StdArc;
use std::task::{Context, Poll, Wake, Waker};

use loom::sync::Arc;
use loom::sync::atomic::{AtomicUsize, Ordering};
use loom::thread::{self, Thread};

use self::semaphore::{Acquire, Permit, Semaphore};

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

/// A request that waits for its turn.
fn waiting(semaphore: &Semaphore) -> Pin<Box<Acquire>> {
    let mut request = Box::pin(semaphore.acquire());
    let mut context = Context::from_waker(Waker::noop());
    assert!(request.as_mut().poll(&mut context).is_pending());
    request
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
        assert!(inside <= limit, "{inside} permits are in use");
        thread::yield_now();
        self.0.fetch_sub(1, Ordering::Relaxed);
        drop(permit);
    }
}

#[test]
fn one_at_a_time_and_every_request_in_the_end() {
    loom::model(|| {
        let (semaphore, inside) = (Semaphore::new(1), Inside::new());
        let visit = {
            let semaphore = semaphore.clone();
            move || inside.visit(block_on(semaphore.acquire()), 1)
        };
        let threads = [thread::spawn(visit.clone()), thread::spawn(visit.clone())];
        visit();
        for thread in threads {
            thread.join().expect("it does not panic");
        }
        assert_eq!((semaphore.in_flight(), semaphore.outstanding()), (0, 0));
    });
}

/// Two permits are given back at the same time: both requests that wait are woken, one of them by the other.
#[test]
fn two_permits_are_for_both_requests_that_wait() {
    loom::model(|| {
        let semaphore = Semaphore::new(2);
        let permits = [(); 2].map(|()| semaphore.try_acquire().expect("there is room"));
        let acquire = {
            let semaphore = semaphore.clone();
            move || block_on(semaphore.acquire())
        };
        let threads = [thread::spawn(acquire.clone()), thread::spawn(acquire)];
        for permit in permits {
            drop(permit);
        }
        // Neither gives its permit back before both have one.
        let permits = threads.map(|thread| thread.join().expect("it does not panic"));
        assert_eq!(semaphore.outstanding(), 2);
        drop(permits);
        assert_eq!(semaphore.outstanding(), 0);
    });
}

/// A request that is woken may be dropped at that moment, and the next one must have the permit.
#[test]
fn a_request_that_is_dropped_passes_its_turn_on() {
    loom::model(|| {
        let semaphore = Semaphore::new(1);
        let permit = semaphore.try_acquire().expect("there is room");
        let first = waiting(&semaphore);
        let second = {
            let semaphore = semaphore.clone();
            thread::spawn(move || drop(block_on(semaphore.acquire())))
        };
        let giving_up = thread::spawn(move || drop(first));
        drop(permit);
        giving_up.join().expect("it does not panic");
        second.join().expect("it does not panic");
        assert_eq!(semaphore.outstanding(), 0);
    });
}

/// A request that is dropped may have got its permit at that moment.
#[test]
fn a_request_that_is_dropped_at_its_turn_leaves_the_permit_to_others() {
    loom::model(|| {
        let semaphore = Semaphore::new(1);
        let permit = semaphore.try_acquire().expect("there is room");
        let second = {
            let semaphore = semaphore.clone();
            thread::spawn(move || {
                let waker = waker();
                let mut acquiring = Box::pin(semaphore.acquire());
                // It is polled twice and then dropped, with or without a permit.
                let mut context = Context::from_waker(&waker);
                if acquiring.as_mut().poll(&mut context).is_pending() {
                    drop(acquiring.as_mut().poll(&mut context));
                }
            })
        };
        let third = {
            let semaphore = semaphore.clone();
            thread::spawn(move || drop(block_on(semaphore.acquire())))
        };
        drop(permit);
        second.join().expect("it does not panic");
        third.join().expect("it does not panic");
        assert_eq!(semaphore.outstanding(), 0);
    });
}

#[test]
fn the_first_request_has_the_first_permit() {
    loom::model(|| {
        let semaphore = Semaphore::new(1);
        let permit = semaphore.try_acquire().expect("there is room");
        let first = waiting(&semaphore);
        let has_first_permit = Arc::new(AtomicUsize::new(0));
        let second = {
            let (semaphore, has_first_permit) = (semaphore.clone(), Arc::clone(&has_first_permit));
            thread::spawn(move || {
                let permit = block_on(semaphore.acquire());
                assert_eq!(has_first_permit.load(Ordering::Acquire), 1);
                drop(permit);
            })
        };
        drop(permit);
        assert!(semaphore.try_acquire().is_none(), "another request waits");
        let permit = block_on(first);
        has_first_permit.store(1, Ordering::Release);
        drop(permit);
        second.join().expect("it does not panic");
    });
}

/// A future that waits until no permit is in use finds everything over when it is ready.
#[test]
fn drained_is_ready_when_the_last_permit_is_back() {
    loom::model(|| {
        let (semaphore, done) = (Semaphore::new(1), Arc::new(AtomicUsize::new(0)));
        let permit = semaphore.try_acquire().expect("there is room");
        let first = {
            let done = Arc::clone(&done);
            thread::spawn(move || {
                done.fetch_add(1, Ordering::Relaxed);
                drop(permit);
            })
        };
        let mut waiting = Box::pin(semaphore.acquire());
        let waker = Waker::noop();
        // It waits from now on, or it has the permit: it is outstanding in any case.
        let polled = waiting.as_mut().poll(&mut Context::from_waker(waker));
        let second = {
            let done = Arc::clone(&done);
            thread::spawn(move || {
                let permit = match polled {
                    Poll::Ready(permit) => permit,
                    Poll::Pending => block_on(waiting),
                };
                done.fetch_add(1, Ordering::Relaxed);
                drop(permit);
            })
        };
        block_on(semaphore.drained());
        assert_eq!(done.load(Ordering::Relaxed), 2);
        first.join().expect("it does not panic");
        second.join().expect("it does not panic");
    });
}

#[test]
fn every_future_that_waits_for_the_end_is_woken_also_by_a_request_that_is_dropped() {
    loom::model(|| {
        let semaphore = Semaphore::new(1);
        let permit = semaphore.try_acquire().expect("there is room");
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
