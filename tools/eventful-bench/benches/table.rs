//! Times, side by side: `cargo bench -p eventful-bench --bench table`, or with the names of some workloads behind `--`.
//!
//! The peers of a workload take turns, a thousand publishes each, so that whatever else the machine does meets all of them alike. A
//! run is the median of many rounds, and its ratios are over the bare loop of the same run; what is printed is the median of seven
//! runs.

use std::hint::black_box;
use std::sync::Barrier;
use std::thread;
use std::time::Instant;

use eventful_bench::peers::{name, own_bus};
use eventful_bench::plain::Published;
use eventful_bench::plain::four::Four;
use eventful_bench::work::{Tally, repeat};
use eventful_bench::{cases_of, workloads};

const PUBLISHES: u32 = 1_000;
const ROUNDS: usize = 151;
const RUNS: usize = 7;

fn main() {
    // Cargo adds `--bench`.
    let arguments: Vec<_> = std::env::args()
        .skip(1)
        .filter(|argument| !argument.starts_with("--"))
        .collect();
    let is_wanted = |name: &str| arguments.is_empty() || arguments.iter().any(|it| it == name);
    for workload in workloads().filter(|workload| is_wanted(workload)) {
        print_workload(workload);
    }
    if is_wanted(THREADS) {
        print_threads();
    }
}

fn print_workload(workload: &str) {
    let mut cases = cases_of(workload);
    let runs: Vec<Vec<f64>> = (0..RUNS)
        .map(|_| {
            let mut times = vec![Vec::with_capacity(ROUNDS); cases.len()];
            for _ in 0..ROUNDS {
                for (case, times) in cases.iter_mut().zip(&mut times) {
                    let start = Instant::now();
                    case.run(PUBLISHES.into());
                    times.push(start.elapsed().as_secs_f64());
                }
            }
            times.into_iter().map(median).collect()
        })
        .collect();
    let loop_at = cases.iter().position(|case| case.peer == name::BARE_LOOP);
    println!("\n| {workload} | nanoseconds | over the bare loop |\n|---|---:|---:|");
    for (index, case) in cases.iter().enumerate() {
        let time = median(runs.iter().map(|run| run[index]).collect());
        let ratio = loop_at.map(|at| median(runs.iter().map(|run| run[index] / run[at]).collect()));
        let ratio = ratio.map_or(String::new(), |ratio| format!("{ratio:.2}"));
        println!("| {} | {:.1} | {ratio} |", case.peer, a_publish(time));
    }
}

const THREADS: &str = "2 threads";

/// The time of each of two threads that publish at the same time, over the time of one alone.
fn print_threads() {
    let bus = own_bus();
    let handlers = black_box(Four::HANDLERS);
    let bare_loop = |event: &Four| handlers.iter().for_each(|handler| handler(event));
    let own_bus = |event: &Four| drop(bus.publish(event));
    let default_bus = |event: &Four| event.publish_ambient();
    println!("\n| 4 handlers, {THREADS} | alone | both at once | ratio |\n|---|---:|---:|---:|");
    print_thread_row(name::BARE_LOOP, bare_loop);
    print_thread_row(name::OWN_BUS, own_bus);
    print_thread_row(name::DEFAULT_BUS, default_bus);
}

fn print_thread_row(peer: &str, publish: impl Fn(&Four) + Sync) {
    let runs = || (0..RUNS).map(|_| ());
    let alone: Vec<f64> = runs().map(|()| times_of(1, &publish)).collect();
    let together: Vec<f64> = runs().map(|()| times_of(2, &publish)).collect();
    let (alone, together) = (median(alone), median(together));
    println!(
        "| {peer} | {:.1} | {:.1} | {:.2} |",
        a_publish(alone),
        a_publish(together),
        together / alone
    );
}

/// The median time of a thousand publishes, of threads that publish at the same time.
fn times_of(threads: usize, publish: &(impl Fn(&Four) + Sync)) -> f64 {
    let barrier = Barrier::new(threads);
    let times = thread::scope(|scope| {
        let threads: Vec<_> = (0..threads)
            .map(|_| {
                scope.spawn(|| {
                    let tally: &Tally = Box::leak(Box::default());
                    barrier.wait();
                    let rounds = (0..ROUNDS * 10).map(|_| {
                        let start = Instant::now();
                        repeat(PUBLISHES.into(), tally, Four::new, publish);
                        start.elapsed().as_secs_f64()
                    });
                    let time = median(rounds.collect());
                    let calls =
                        u64::from(PUBLISHES) * 10 * ROUNDS as u64 * Four::HANDLERS.len() as u64;
                    assert_eq!(tally.calls(), calls, "calls of handlers");
                    time
                })
            })
            .collect();
        let times = threads.into_iter().map(|it| it.join().expect("it counts"));
        times.collect()
    });
    median(times)
}

fn a_publish(seconds: f64) -> f64 {
    seconds * 1e9 / f64::from(PUBLISHES)
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
