//! An asynchronous publish allocates once, with any number of handlers, and not at all without asynchronous ones.

mod counting_allocator;

use std::future::poll_fn;
use std::hint;
use std::pin::pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll, Waker};

use eventful::{Bus, Delivery, Event, event, handler, mode};

use counting_allocator::allocations_so_far;

/// The number of allocations of `future` from its first poll to its last, and its output.
fn allocations<F: Future>(future: F) -> (u64, F::Output) {
    let before = allocations_so_far();
    let mut future = pin!(future);
    let mut context = Context::from_waker(Waker::noop());
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut context) {
            return (allocations_so_far() - before, output);
        }
    }
}

async fn yield_now() {
    let mut is_ready = false;
    poll_fn(|_| {
        if std::mem::replace(&mut is_ready, true) {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    })
    .await;
}

struct Sum(AtomicU64);

trait Adds: Send + Sync {
    fn add(&self, number: u64);
}

impl Adds for Sum {
    fn add(&self, number: u64) {
        self.0.fetch_add(number, Ordering::Relaxed);
    }
}

#[event(async)]
struct One;

#[event(async)]
struct Four(u64);

#[event(async, concurrent)]
struct FourTogether(u64);

#[event(async)]
struct SixtyFour;

#[event(async, concurrent)]
struct SixtyFourTogether;

#[event(async)]
struct Generic<T>(T);

#[event(async)]
struct AllSynchronous(u64);

#[event(async, concurrent)]
struct AllSynchronousTogether(u64);

#[event(async)]
struct Unheard;

#[handler(One)]
async fn one(_: &One) {
    yield_now().await;
}

#[handler(Generic<u64>)]
async fn generic(event: &Generic<u64>, sum: &Sum) {
    yield_now().await;
    sum.add(event.0);
}

/// Four handlers, which differ in what they take, in how large they are and in whether they wait.
macro_rules! four {
    ($module:ident, $event:ident) => {
        mod $module {
            use super::*;

            #[handler($event)]
            async fn waits(_: &$event) {
                yield_now().await;
            }

            #[handler($event)]
            async fn takes_resources(
                event: &$event,
                sum: &Sum,
                adds: &dyn Adds,
                shared: &Arc<Sum>,
                missing: Option<&String>,
            ) -> Result<(), String> {
                sum.add(event.0);
                yield_now().await;
                adds.add(event.0);
                shared.add(u64::from(missing.is_some()));
                Ok(())
            }

            #[handler($event)]
            async fn is_large(event: &$event, bus: &Bus, delivery: &Delivery) {
                let numbers = [event.0; 200];
                yield_now().await;
                hint::black_box((bus, delivery.handler().id(), delivery.cause(), numbers));
            }

            #[handler($event)]
            async fn does_not_wait(event: &$event, sum: &Sum) {
                sum.add(event.0);
            }

            #[handler($event)]
            fn is_synchronous(event: &$event, sum: &Sum) {
                sum.add(event.0);
            }
        }
    };
}

four!(four, Four);
four!(four_together, FourTogether);

macro_rules! synchronous {
    ($module:ident, $event:ident) => {
        mod $module {
            use super::*;

            #[handler($event)]
            fn plain(_: &$event) {}

            #[handler($event)]
            fn takes_resources(
                event: &$event,
                sum: &Sum,
                adds: &dyn Adds,
                bus: &Bus,
                delivery: &Delivery,
            ) -> Result<(), String> {
                hint::black_box((bus, delivery.handler().id(), delivery.cause()));
                sum.add(event.0);
                adds.add(event.0);
                Ok(())
            }
        }
    };
}

synchronous!(synchronous, AllSynchronous);
synchronous!(synchronous_together, AllSynchronousTogether);

static IDS: OnceLock<Vec<String>> = OnceLock::new();

fn bus() -> Bus {
    let sum = Arc::new(Sum(AtomicU64::new(0)));
    let builder = Bus::builder()
        .provide_arc(Arc::clone(&sum))
        .provide_arc::<dyn Adds>(sum);
    let ids = IDS.get_or_init(|| (0..64).map(|number| format!("handler {number}")).collect());
    let builder = ids
        .iter()
        .zip(0_u32..)
        .fold(builder, |builder, (id, number)| {
            builder
                .subscribe(id, move |_: &SixtyFour| async move {
                    yield_now().await;
                    hint::black_box(number);
                })
                .subscribe(id, move |_: &SixtyFourTogether| async move {
                    yield_now().await;
                    hint::black_box(number);
                })
        });
    builder.build().expect("the wiring is right")
}

/// The number of allocations of one publish on `bus`, which calls `handlers` handlers.
fn explicit<E: Event<Mode = mode::Async>>(bus: &Bus, event: &E, handlers: usize) -> u64 {
    let (count, result) = allocations(bus.publish(event));
    assert_eq!(result.expect("nobody fails").handled(), handlers);
    count
}

#[test]
fn an_asynchronous_publish_allocates_once() {
    let bus = bus();
    for number in 0..3 {
        let counts = [
            explicit(&bus, &One, 1),
            explicit(&bus, &Four(number), 5),
            explicit(&bus, &FourTogether(number), 5),
            explicit(&bus, &SixtyFour, 64),
            explicit(&bus, &SixtyFourTogether, 64),
            explicit(&bus, &Generic(number), 1),
        ];
        assert_eq!(counts, [1; 6]);
    }
}

#[test]
fn an_ambient_publish_allocates_once_too() {
    let bus = bus();
    bus.scope(|| {
        for number in 0..3 {
            let counts = [
                allocations(One.publish()).0,
                allocations(Four(number).publish()).0,
                allocations(FourTogether(number).publish()).0,
                allocations(SixtyFour.publish()).0,
                allocations(Generic(number).publish()).0,
            ];
            assert_eq!(counts, [1; 5]);
        }
    });
}

#[test]
fn without_asynchronous_handlers_it_allocates_nothing() {
    let bus = bus();
    // An instantiation that no handler names gets its table on its first publish.
    explicit(&bus, &Generic('c'), 0);
    for number in 0..3 {
        let counts = [
            explicit(&bus, &AllSynchronous(number), 2),
            explicit(&bus, &AllSynchronousTogether(number), 2),
            explicit(&bus, &Unheard, 0),
            explicit(&bus, &Generic('c'), 0),
        ];
        assert_eq!(counts, [0; 4]);
        bus.scope(|| {
            let counts = [
                allocations(AllSynchronous(number).publish()).0,
                allocations(AllSynchronousTogether(number).publish()).0,
                allocations(Unheard.publish()).0,
            ];
            assert_eq!(counts, [0; 3]);
        });
    }
}

#[test]
fn the_allocator_counts() {
    assert_eq!(
        allocations(async { drop(hint::black_box(Box::new(1))) }).0,
        1
    );
}
