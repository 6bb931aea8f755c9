//! Loom models of the bound on detached publishes, and of waiting until none is left.
//!
//! ```text
//! RUSTFLAGS="--cfg loom" cargo test -p eventful-core --test loom_gate --release
//! ```
//!
//! The file under test is compiled here a second time, on loom's primitives instead of the standard library's. Loom
//! reports a model in which somebody waits for ever.
#![cfg(loom)]

#[path = "../src/bus/gate.rs"]
mod gate;
#[path = "loom/sync.rs"]
#[expect(
    dead_code,
    unused_imports,
    reason = "it is shared with other models, and a gate needs a part of it"
)]
mod sync;

use std::pin::pin;
use std::sync::Arc as StdArc;
use std::task::{Context, Poll, Wake, Waker};

use loom::sync::Arc;
use loom::sync::atomic::{AtomicUsize, Ordering};
use loom::thread::{self, Thread};

use self::gate::{Gate, Permit};

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

/// How many are inside, as they count it themselves.
#[derive(Clone)]
struct Inside(Arc<AtomicUsize>);

impl Inside {
    fn new() -> Self {
        Self(Arc::new(AtomicUsize::new(0)))
    }

    fn visit(&self, permit: Permit, limit: usize) {
        let inside = self.0.fetch_add(1, Ordering::Relaxed) + 1;
        assert!(inside <= limit, "{inside} are through");
        thread::yield_now();
        self.0.fetch_sub(1, Ordering::Relaxed);
        drop(permit);
    }
}

#[test]
fn one_at_a_time_and_everybody_in_the_end() {
    loom::model(|| {
        let (gate, inside) = (Gate::new(1), Inside::new());
        let visit = {
            let gate = gate.clone();
            move || inside.visit(block_on(gate.enter()), 1)
        };
        let threads = [thread::spawn(visit.clone()), thread::spawn(visit.clone())];
        visit();
        for thread in threads {
            thread.join().expect("it does not panic");
        }
        assert_eq!((gate.through(), gate.outstanding()), (0, 0));
    });
}

/// Two permits are given back at the same time: both who wait are woken, one of them by the other.
#[test]
fn room_for_two_is_room_for_both_who_wait() {
    loom::model(|| {
        let gate = Gate::new(2);
        let permits = [(); 2].map(|()| gate.try_enter().expect("there is room"));
        let enter = {
            let gate = gate.clone();
            move || block_on(gate.enter())
        };
        let threads = [thread::spawn(enter.clone()), thread::spawn(enter)];
        for permit in permits {
            drop(permit);
        }
        // Neither leaves before both are through.
        let permits = threads.map(|thread| thread.join().expect("it does not panic"));
        assert_eq!(gate.outstanding(), 2);
        drop(permits);
        assert_eq!(gate.outstanding(), 0);
    });
}

/// Who is woken may have given up at that moment, and the next one must learn of the room.
#[test]
fn who_gives_up_passes_the_turn_on() {
    loom::model(|| {
        let gate = Gate::new(1);
        let permit = gate.try_enter().expect("there is room");
        let mut first = Box::pin(gate.enter());
        let waker = Waker::noop();
        assert!(
            first
                .as_mut()
                .poll(&mut Context::from_waker(waker))
                .is_pending()
        );
        let second = {
            let gate = gate.clone();
            thread::spawn(move || drop(block_on(gate.enter())))
        };
        let giving_up = thread::spawn(move || drop(first));
        drop(permit);
        giving_up.join().expect("it does not panic");
        second.join().expect("it does not panic");
        assert_eq!(gate.outstanding(), 0);
    });
}

/// The same, when who gives up has come through at that moment.
#[test]
fn who_gives_up_when_it_is_its_turn_leaves_the_room_to_others() {
    loom::model(|| {
        let gate = Gate::new(1);
        let permit = gate.try_enter().expect("there is room");
        let second = {
            let gate = gate.clone();
            thread::spawn(move || {
                let waker = waker();
                let mut entering = Box::pin(gate.enter());
                // Polled twice and then dropped, whatever came of it.
                let mut context = Context::from_waker(&waker);
                if entering.as_mut().poll(&mut context).is_pending() {
                    drop(entering.as_mut().poll(&mut context));
                }
            })
        };
        let third = {
            let gate = gate.clone();
            thread::spawn(move || drop(block_on(gate.enter())))
        };
        drop(permit);
        second.join().expect("it does not panic");
        third.join().expect("it does not panic");
        assert_eq!(gate.outstanding(), 0);
    });
}

#[test]
fn who_came_first_is_through_first() {
    loom::model(|| {
        let gate = Gate::new(1);
        let permit = gate.try_enter().expect("there is room");
        let mut first = Box::pin(gate.enter());
        let waker = Waker::noop();
        assert!(
            first
                .as_mut()
                .poll(&mut Context::from_waker(waker))
                .is_pending()
        );
        let is_first_through = Arc::new(AtomicUsize::new(0));
        let second = {
            let (gate, is_first_through) = (gate.clone(), Arc::clone(&is_first_through));
            thread::spawn(move || {
                let permit = block_on(gate.enter());
                assert_eq!(is_first_through.load(Ordering::Acquire), 1);
                drop(permit);
            })
        };
        drop(permit);
        assert!(gate.try_enter().is_none(), "others wait");
        let permit = block_on(first);
        is_first_through.store(1, Ordering::Release);
        drop(permit);
        second.join().expect("it does not panic");
    });
}

/// Whoever waits for the end learns of it, and finds everything over.
#[test]
fn drained_is_ready_when_the_last_one_is_out() {
    loom::model(|| {
        let (gate, done) = (Gate::new(1), Arc::new(AtomicUsize::new(0)));
        let permit = gate.try_enter().expect("there is room");
        let first = {
            let done = Arc::clone(&done);
            thread::spawn(move || {
                done.fetch_add(1, Ordering::Relaxed);
                drop(permit);
            })
        };
        let mut waiting = Box::pin(gate.enter());
        let waker = Waker::noop();
        // Either it waits from now on, or it is through: it is outstanding in any case.
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
        block_on(gate.drained());
        assert_eq!(done.load(Ordering::Relaxed), 2);
        first.join().expect("it does not panic");
        second.join().expect("it does not panic");
    });
}

#[test]
fn everybody_who_waits_for_the_end_is_woken_also_by_one_who_gives_up() {
    loom::model(|| {
        let gate = Gate::new(1);
        let permit = gate.try_enter().expect("there is room");
        let mut waiting = Box::pin(gate.enter());
        let waker = Waker::noop();
        assert!(
            waiting
                .as_mut()
                .poll(&mut Context::from_waker(waker))
                .is_pending()
        );
        let draining = {
            let gate = gate.clone();
            thread::spawn(move || block_on(gate.drained()))
        };
        let giving_up = thread::spawn(move || drop(waiting));
        drop(permit);
        block_on(gate.drained());
        draining.join().expect("it does not panic");
        giving_up.join().expect("it does not panic");
    });
}
