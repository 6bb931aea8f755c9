//! The cost of a publish beside a loop over function pointers that calls the same handlers.
//!
//! `cargo bench` prints ratios of times; on a noisy machine compare instructions instead, of one variant at a time:
//! `valgrind --tool=callgrind target/release/deps/publish-* loop 100000` and the same with `publish`.

use std::hint::black_box;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use eventful::{Bus, event, handler};

#[event]
struct Four(u64);

#[event]
struct WithResources(u64);

static SUM: AtomicU64 = AtomicU64::new(0);

struct Sum(AtomicU64);

macro_rules! handlers {
    ($($plain:ident $with_resource:ident)*) => {
        $(
            #[handler(Four)]
            fn $plain(event: &Four) {
                SUM.store(event.0, Ordering::Relaxed);
            }

            #[handler(WithResources)]
            fn $with_resource(event: &WithResources, sum: &Sum) -> Result<(), String> {
                sum.0.store(event.0, Ordering::Relaxed);
                Ok(())
            }
        )*

        /// The loop that the publishes are compared with.
        fn bare_loop() -> Vec<fn(&Four)> {
            vec![$($plain),*]
        }
    };
}

handlers!(one one_r two two_r three three_r four four_r);

/// Publishes a round.
const PUBLISHES: u32 = 200_000;
const ROUNDS: usize = 25;

fn run(variant: &str, publishes: u64) -> Duration {
    let bus = Bus::builder()
        .provide(Sum(AtomicU64::new(0)))
        .build()
        .expect("the wiring is right");
    let handlers = black_box(bare_loop());
    let start = Instant::now();
    match variant {
        "loop" => (0..publishes).for_each(|number| {
            let event = black_box(Four(number));
            for handler in &handlers {
                handler(&event);
            }
        }),
        "publish" => (0..publishes).for_each(|number| drop(bus.publish(black_box(&Four(number))))),
        "ambient" => {
            bus.scope(|| {
                (0..publishes).for_each(|number| drop(black_box(&Four(number)).publish()));
            });
        }
        "resources" => {
            (0..publishes).for_each(|number| drop(bus.publish(black_box(&WithResources(number)))));
        }
        unknown => panic!("no variant {unknown}; there are loop, publish, ambient and resources"),
    }
    start.elapsed()
}

fn main() {
    let arguments: Vec<String> = std::env::args()
        .skip(1)
        .filter(|argument| !argument.starts_with("--"))
        .collect();
    if let [variant, publishes] = &arguments[..] {
        run(
            variant,
            publishes
                .parse()
                .expect("the second argument is a number of publishes"),
        );
        return;
    }
    println!("four handlers, median of {ROUNDS} rounds of {PUBLISHES} publishes");
    let variants = ["loop", "publish", "ambient", "resources"];
    let mut times: Vec<Vec<Duration>> = vec![Vec::new(); variants.len()];
    for _ in 0..ROUNDS {
        for (variant, times) in variants.iter().zip(&mut times) {
            times.push(run(variant, u64::from(PUBLISHES)));
        }
    }
    let medians = times.iter_mut().map(|times| {
        times.sort();
        times[ROUNDS / 2].as_secs_f64() * 1e9 / f64::from(PUBLISHES)
    });
    let medians: Vec<f64> = medians.collect();
    for (variant, nanoseconds) in variants.iter().zip(&medians) {
        println!(
            "{variant:>10}: {nanoseconds:6.1} ns, {:.2} × the loop",
            nanoseconds / medians[0]
        );
    }
}
