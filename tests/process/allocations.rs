//! A synchronous publish that succeeds allocates nothing.

mod counting_allocator;

use std::hint;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use eventful::{Bus, Delivery, event, handler};

use counting_allocator::allocations_so_far;

fn allocations(body: impl FnOnce()) -> u64 {
    let before = allocations_so_far();
    body();
    allocations_so_far() - before
}

#[event]
struct Plain(u64);

#[event]
struct Generic<T>(T);

#[event]
struct Unheard;

struct Sum(AtomicU64);

trait Adds: Send + Sync {
    fn add(&self, number: u64);
}

impl Adds for Sum {
    fn add(&self, number: u64) {
        self.0.fetch_add(number, Ordering::Relaxed);
    }
}

#[handler(Plain)]
fn without_resources(_: &Plain) {}

#[handler(Plain)]
fn with_resources(
    event: &Plain,
    sum: &Sum,
    adds: &dyn Adds,
    shared: &Arc<Sum>,
    missing: Option<&String>,
) {
    sum.add(event.0);
    adds.add(event.0);
    shared.add(u64::from(missing.is_some()));
}

#[handler(Plain)]
fn with_a_result(event: &Plain, bus: &Bus, delivery: &Delivery) -> Result<(), String> {
    hint::black_box((bus, delivery.handler().id(), delivery.cause()));
    if event.0 == u64::MAX {
        Err(String::from("never"))
    } else {
        Ok(())
    }
}

#[handler(Plain)]
fn that_publishes(event: &Plain) {
    Generic(event.0)
        .publish()
        .expect("its handler does not fail");
}

#[handler(Plain, when = |event| event.0 > 1_000)]
fn kept_from_running(_: &Plain) {}

#[handler(Generic<u64>)]
fn of_a_generic_event(_: &Generic<u64>) {}

#[test]
fn a_publish_that_succeeds_allocates_nothing() {
    let sum = Arc::new(Sum(AtomicU64::new(0)));
    let build = || {
        Bus::builder()
            .provide_arc(Arc::clone(&sum))
            .provide_arc::<dyn Adds>(Arc::clone(&sum) as _)
            .build()
    };
    let bus = build().expect("the wiring is right");
    build()
        .expect("the wiring is right")
        .install()
        .expect("nobody else has");
    let counted = allocations(|| drop(hint::black_box(Box::new(1))));
    assert_ne!(counted, 0, "the allocator counts");
    // An instantiation that no handler names gets its table on its first publish.
    bus.publish(&Generic('c')).expect("nobody fails");

    let count = allocations(|| {
        for number in 0..100 {
            assert_eq!(
                bus.publish(&Plain(number))
                    .map(eventful::Delivered::handled)
                    .ok(),
                Some(4)
            );
            bus.publish(&Unheard).expect("nobody fails");
            bus.publish(&Generic(number)).expect("nobody fails");
            bus.publish(&Generic('c')).expect("nobody fails");
            bus.scope(|| Plain(number).publish()).expect("nobody fails");
            Plain(number).publish().expect("nobody fails");
        }
    });
    assert_eq!(count, 0);
    assert_eq!(sum.0.load(Ordering::Relaxed), 3 * 2 * 99 * 100 / 2);
}

#[event]
struct Returning(u64);

#[event]
struct Returned(#[expect(dead_code, reason = "it has a size")] u64);

#[test]
fn a_returned_event_allocates_once() {
    let bus = Bus::isolated()
        .subscribe("returns", |event: &Returning| {
            (event.0 > 0).then_some(Returned(event.0))
        })
        .subscribe("hears", |_: &Returned| ())
        .build()
        .expect("the wiring is right");
    for (event, expected) in [(Returning(0), 0), (Returning(1), 1)] {
        let count = allocations(|| {
            let delivered = bus.publish(&event).expect("nobody fails");
            assert_eq!(u64::from(delivered.cascaded() > 0), expected);
        });
        assert_eq!(count, expected);
    }
}
