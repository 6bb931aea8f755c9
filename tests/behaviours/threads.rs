//! Many threads on one bus.

use std::collections::BTreeMap;
use std::sync::Barrier;
use std::thread;

use eventful::{Bus, event, handler};
use expect_test::expect;

use crate::Trace;

const THREADS: u32 = 8;
const PUBLISHES: u32 = 250;

#[event]
struct Plain {
    thread: u32,
    number: u32,
}

#[event]
struct Generic<T>(T);

#[event]
struct Nested {
    thread: u32,
    number: u32,
}

#[handler(Plain, order = 1)]
fn plain(event: &Plain, trace: &Trace) {
    trace.add(format!("{} plain {}", event.thread, event.number));
}

#[handler(Plain, order = 2)]
fn nest(event: &Plain) -> Result<(), eventful::PublishError> {
    let &Plain { thread, number } = event;
    Nested { thread, number }.publish().map(drop)
}

#[handler(Nested)]
fn nested(event: &Nested, trace: &Trace) -> Result<(), String> {
    trace.add(format!("{} nested {}", event.thread, event.number));
    if event.number.is_multiple_of(5) {
        return Err(String::from("every fifth fails"));
    }
    assert!(!event.number.is_multiple_of(7), "every seventh panics");
    Ok(())
}

#[handler(Generic<(u32, u32)>)]
fn generic(event: &Generic<(u32, u32)>, trace: &Trace) {
    trace.add(format!("{} generic {}", event.0.0, event.0.1));
}

#[test]
fn r180_eight_threads_on_one_bus_lose_double_and_mix_up_nothing() {
    let (trace, builder) = Trace::with_bus();
    let bus = builder
        .with(plain)
        .with(nest)
        .with(nested)
        .with(generic)
        .build()
        .unwrap();
    let barrier = Barrier::new(THREADS as usize);
    let failed: usize = thread::scope(|scope| {
        let publish_all = |thread| {
            let (bus, barrier) = (&bus, &barrier);
            move || {
                barrier.wait();
                let mut failed = 0;
                for number in 1..=PUBLISHES {
                    let result = bus.publish(&Plain { thread, number });
                    failed += result.map_or_else(|error| error.failures().len(), |_| 0);
                    let delivered = bus.publish(&Generic((thread, number))).unwrap();
                    assert_eq!(delivered.handled(), 1);
                }
                failed
            }
        };
        let threads: Vec<_> = (0..THREADS)
            .map(|thread| scope.spawn(publish_all(thread)))
            .collect();
        threads
            .into_iter()
            .map(|thread| thread.join().unwrap())
            .sum()
    });

    let mut by_thread: BTreeMap<u32, Vec<String>> = BTreeMap::new();
    for line in trace.take().lines() {
        let (thread, line) = line.split_once(' ').expect("each line has its thread");
        let lines = by_thread.entry(thread.parse().unwrap()).or_default();
        lines.push(line.to_owned());
    }
    let expected: Vec<String> = (1..=PUBLISHES)
        .flat_map(|number| ["plain", "nested", "generic"].map(|name| format!("{name} {number}")))
        .collect();
    assert_eq!(by_thread.len(), THREADS as usize);
    for (thread, lines) in by_thread {
        assert_eq!(lines, expected, "of thread {thread}");
    }
    let fails = |number: &u32| number.is_multiple_of(5) || number.is_multiple_of(7);
    assert_eq!(
        failed,
        (1..=PUBLISHES).filter(fails).count() * THREADS as usize
    );
}

#[test]
fn r182_buses_built_on_many_threads_each_have_their_handlers_once() {
    thread::scope(|scope| {
        for thread in 0..THREADS {
            scope.spawn(move || {
                for _ in 0..20 {
                    let (trace, builder) = Trace::with_bus();
                    let seen = trace.clone();
                    let bus = builder
                        .with(generic)
                        .subscribe("closure", move |event: &Generic<(u32, u32)>| {
                            seen.add(format!("{} closure", event.0.0));
                        })
                        .build()
                        .unwrap();
                    trace.report(&bus.publish(&Generic((thread, 1_u32))));
                    let expected =
                        format!("{thread} generic 1\n{thread} closure\nreport: 2 handled");
                    assert_eq!(trace.take(), expected);
                }
            });
        }
    });
}

#[test]
fn r184_a_handler_may_run_at_the_same_time_as_itself() {
    #[event]
    struct Met(&'static str);

    /// Both threads are in the handler before either leaves it.
    #[handler(Met)]
    fn meet(event: &Met, barrier: &Barrier, trace: &Trace) {
        let leads = barrier.wait().is_leader();
        if leads {
            trace.add("both are here");
        }
        barrier.wait();
        trace.add(format!("{} leaves", event.0));
    }

    let (trace, builder) = Trace::with_bus();
    let bus: Bus = builder.provide(Barrier::new(2)).with(meet).build().unwrap();
    thread::scope(|scope| {
        for name in ["one", "other"] {
            let bus = &bus;
            scope.spawn(move || bus.publish(&Met(name)).unwrap());
        }
    });
    let log = trace.take();
    let mut lines: Vec<_> = log.lines().collect();
    lines[1..].sort_unstable();
    expect![[r"
        both are here
        one leaves
        other leaves"]]
    .assert_eq(&lines.join("\n"));
}

mod instantiations {
    use std::sync::atomic::{AtomicU64, Ordering};
    use std::sync::{Arc, Barrier};

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
