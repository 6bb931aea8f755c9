//! Many threads publishing at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use eventful::{Bus, event, handler};

const THREADS: u64 = 8;
const PUBLISHES: u64 = 500;

#[derive(Default)]
struct Sums {
    odd: AtomicU64,
    even: AtomicU64,
    nested: AtomicU64,
}

#[event]
struct Odd(u64);

#[event]
struct Even(u64);

#[event]
struct Nested<T>(T);

#[handler(Odd)]
fn add_odd(event: &Odd, sums: &Sums) {
    sums.odd.fetch_add(event.0, Ordering::Relaxed);
    assert!(!event.0.is_multiple_of(7), "every seventh panics");
}

#[handler(Even)]
fn add_even(event: &Even, sums: &Sums) {
    sums.even.fetch_add(event.0, Ordering::Relaxed);
    Nested(event.0).publish().unwrap();
}

#[handler(Nested<u64>)]
fn add_nested(event: &Nested<u64>, sums: &Sums) {
    sums.nested.fetch_add(event.0, Ordering::Relaxed);
}

#[test]
fn nothing_is_lost_doubled_or_mixed_up() {
    let sums = Arc::new(Sums::default());
    let bus = Bus::isolated()
        .provide_arc(Arc::clone(&sums))
        .with(add_odd)
        .with(add_even)
        .with(add_nested)
        .build()
        .unwrap();
    // The panics are part of the test; their messages are not.
    std::panic::set_hook(Box::new(|_| {}));
    thread::scope(|scope| {
        for thread in 0..THREADS {
            let bus = bus.clone();
            scope.spawn(move || {
                for index in 0..PUBLISHES {
                    let number = thread * PUBLISHES + index;
                    if number.is_multiple_of(2) {
                        bus.publish(&Even(number)).unwrap();
                    } else {
                        assert_eq!(bus.publish(&Odd(number)).is_err(), number.is_multiple_of(7));
                    }
                }
            });
        }
    });
    drop(std::panic::take_hook());
    let all = 0..THREADS * PUBLISHES;
    let even: u64 = all.clone().filter(|number| number.is_multiple_of(2)).sum();
    assert_eq!(sums.even.load(Ordering::Relaxed), even);
    assert_eq!(sums.nested.load(Ordering::Relaxed), even);
    assert_eq!(sums.odd.load(Ordering::Relaxed), all.sum::<u64>() - even);
}

#[test]
fn buses_are_built_and_dropped_on_many_threads() {
    let sums = Arc::new(Sums::default());
    thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                for _ in 0..20 {
                    let bus = Bus::isolated()
                        .provide_arc(Arc::clone(&sums))
                        .with(add_nested)
                        .build()
                        .unwrap();
                    bus.publish(&Nested(1_u64)).unwrap();
                }
            });
        }
    });
    assert_eq!(sums.nested.load(Ordering::Relaxed), THREADS * 20);
}

mod instantiations {
    use std::sync::Barrier;

    use eventful::AnyEvent;

    use super::*;

    #[event]
    struct Wrapped<const N: usize>;

    #[derive(Default)]
    struct Counts([AtomicU64; 4]);

    #[handler(dyn AnyEvent)]
    fn counts(event: &dyn AnyEvent, counts: &Counts) {
        let of = |index: usize| counts.0[index].fetch_add(1, Ordering::Relaxed);
        for (index, is) in [
            event.is::<Wrapped<0>>(),
            event.is::<Wrapped<1>>(),
            event.is::<Wrapped<2>>(),
            event.is::<Wrapped<3>>(),
        ]
        .into_iter()
        .enumerate()
        {
            if is {
                of(index);
            }
        }
    }

    #[test]
    fn threads_that_publish_an_instantiation_for_the_first_time_at_once_find_one_table() {
        for _ in 0..50 {
            let totals = Arc::new(Counts::default());
            let bus = Bus::isolated()
                .with(counts)
                .provide_arc(Arc::clone(&totals))
                .build()
                .unwrap();
            let barrier = Barrier::new(8);
            thread::scope(|scope| {
                for _ in 0..8 {
                    scope.spawn(|| {
                        barrier.wait();
                        bus.publish(&Wrapped::<0>).unwrap();
                        bus.publish(&Wrapped::<1>).unwrap();
                        bus.publish(&Wrapped::<2>).unwrap();
                        bus.publish(&Wrapped::<3>).unwrap();
                    });
                }
            });
            let totals = totals
                .0
                .each_ref()
                .map(|total| total.load(Ordering::Relaxed));
            assert_eq!(totals, [8; 4]);
            assert_eq!(bus.handlers::<Wrapped<0>>().len(), 1);
        }
    }
}
