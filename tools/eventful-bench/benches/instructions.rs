//! The instructions of a publish, which are the same on every run: `cargo bench -p eventful-bench --bench instructions`.
//!
//! The gate runs it. A case of ours has a budget, 2 percent over what it took, or 5 where it allocates, since part of that is the C
//! library's. It is red above it: look for the reason, and raise it only for one.

#![expect(missing_docs, reason = "what the macros of gungraun write")]

use gungraun::prelude::*;
use gungraun::{Callgrind, EventKind};

use eventful_bench::{Case, case};

/// In one measured run.
const PUBLISHES: u64 = 1_000;

/// For what a run does once.
const ONCE: u64 = 1_000;

/// The case, with all that is made on first use.
fn ready(workload: &str, peer: &str) -> Case {
    let mut case = case(workload, peer);
    case.run(10);
    case
}

/// The number of codegen units that this was built with, where the gate says so. An asynchronous publish costs up to
/// 17 percent more with one: there, each handler's future is made and settled in its place with two stores that are not
/// combined. The others are the same.
const UNITS: Option<&str> = option_env!("EVENTFUL_CODEGEN_UNITS");

/// One budget for 16 codegen units, which are cargo's default, and one for a single unit.
fn within_units(sixteen: u64, one: u64) -> LibraryBenchmarkConfig {
    within(if UNITS == Some("1") { one } else { sixteen })
}

/// At most so many instructions a publish, the loop around it included.
fn within(budget: u64) -> LibraryBenchmarkConfig {
    let mut callgrind = Callgrind::default();
    callgrind.hard_limits([(EventKind::Ir, budget * PUBLISHES + ONCE)]);
    let mut config = LibraryBenchmarkConfig::default();
    config.tool(callgrind);
    config
}

#[inline]
fn publish(mut case: Case) -> Case {
    case.run(PUBLISHES);
    case
}

#[library_benchmark(setup = ready)]
#[bench::no_publish("0 handlers", "no publish")]
#[bench::bare_loop("0 handlers", "bare loop")]
#[bench::own_bus(args = ("0 handlers", "own bus"), config = within(19))]
#[bench::default_bus(args = ("0 handlers", "default bus"), config = within(38))]
#[bench::scoped_bus(args = ("0 handlers", "bus in scope"), config = within(97))]
#[bench::textbook("0 handlers", "textbook bus")]
#[bench::bevy("0 handlers", "bevy_ecs")]
#[bench::evenio("0 handlers", "evenio")]
#[bench::broadcast("0 handlers", "tokio broadcast")]
#[bench::scan_own("0 handlers", "scan of own slice")]
#[bench::scan_all("0 handlers", "scan of one slice")]
fn none(case: Case) -> Case {
    publish(case)
}

#[library_benchmark(setup = ready)]
#[bench::bare_loop("1 handler", "bare loop")]
#[bench::own_bus(args = ("1 handler", "own bus"), config = within(89))]
#[bench::default_bus(args = ("1 handler", "default bus"), config = within(95))]
#[bench::scoped_bus(args = ("1 handler", "bus in scope"), config = within(137))]
#[bench::textbook("1 handler", "textbook bus")]
#[bench::bevy("1 handler", "bevy_ecs")]
#[bench::evenio("1 handler", "evenio")]
#[bench::broadcast("1 handler", "tokio broadcast")]
#[bench::scan_own("1 handler", "scan of own slice")]
#[bench::scan_all("1 handler", "scan of one slice")]
fn one(case: Case) -> Case {
    publish(case)
}

#[library_benchmark(setup = ready)]
#[bench::bare_loop("4 handlers", "bare loop")]
#[bench::own_bus(args = ("4 handlers", "own bus"), config = within(151))]
#[bench::default_bus(args = ("4 handlers", "default bus"), config = within(157))]
#[bench::scoped_bus(args = ("4 handlers", "bus in scope"), config = within(198))]
#[bench::textbook("4 handlers", "textbook bus")]
#[bench::bevy("4 handlers", "bevy_ecs")]
#[bench::evenio("4 handlers", "evenio")]
#[bench::broadcast("4 handlers", "tokio broadcast")]
#[bench::scan_own("4 handlers", "scan of own slice")]
#[bench::scan_all("4 handlers", "scan of one slice")]
fn four(case: Case) -> Case {
    publish(case)
}

#[library_benchmark(setup = ready)]
#[bench::bare_loop("16 handlers", "bare loop")]
#[bench::own_bus(args = ("16 handlers", "own bus"), config = within(395))]
#[bench::default_bus(args = ("16 handlers", "default bus"), config = within(401))]
#[bench::scoped_bus(args = ("16 handlers", "bus in scope"), config = within(442))]
#[bench::textbook("16 handlers", "textbook bus")]
#[bench::bevy("16 handlers", "bevy_ecs")]
#[bench::evenio("16 handlers", "evenio")]
#[bench::broadcast("16 handlers", "tokio broadcast")]
#[bench::scan_own("16 handlers", "scan of own slice")]
#[bench::scan_all("16 handlers", "scan of one slice")]
fn sixteen(case: Case) -> Case {
    publish(case)
}

#[library_benchmark(setup = ready)]
#[bench::bare_loop("64 handlers", "bare loop")]
#[bench::own_bus(args = ("64 handlers", "own bus"), config = within(1375))]
#[bench::default_bus(args = ("64 handlers", "default bus"), config = within(1381))]
#[bench::scoped_bus(args = ("64 handlers", "bus in scope"), config = within(1421))]
#[bench::textbook("64 handlers", "textbook bus")]
#[bench::bevy("64 handlers", "bevy_ecs")]
#[bench::evenio("64 handlers", "evenio")]
#[bench::broadcast("64 handlers", "tokio broadcast")]
#[bench::scan_own("64 handlers", "scan of own slice")]
#[bench::scan_all("64 handlers", "scan of one slice")]
fn sixty_four(case: Case) -> Case {
    publish(case)
}

#[library_benchmark(setup = ready)]
#[bench::bare_loop("4 handlers with a resource", "bare loop")]
#[bench::own_bus(args = ("4 handlers with a resource", "own bus"), config = within(171))]
#[bench::default_bus(args = ("4 handlers with a resource", "default bus"), config = within(177))]
#[bench::textbook("4 handlers with a resource", "textbook bus")]
#[bench::bevy("4 handlers with a resource", "bevy_ecs")]
#[bench::evenio("4 handlers with a resource", "evenio")]
fn resourceful(case: Case) -> Case {
    publish(case)
}

#[library_benchmark(setup = ready)]
#[bench::bare_loop("4 handlers that may fail", "bare loop")]
#[bench::own_bus(args = ("4 handlers that may fail", "own bus"), config = within(163))]
#[bench::default_bus(args = ("4 handlers that may fail", "default bus"), config = within(169))]
#[bench::textbook("4 handlers that may fail", "textbook bus")]
#[bench::bevy("4 handlers that may fail", "bevy_ecs")]
fn fallible(case: Case) -> Case {
    publish(case)
}

#[library_benchmark(setup = ready)]
#[bench::bare_loop("4 handlers, one fails", "bare loop")]
#[bench::own_bus(args = ("4 handlers, one fails", "own bus"), config = within(592))]
#[bench::default_bus(args = ("4 handlers, one fails", "default bus"), config = within(594))]
#[bench::textbook("4 handlers, one fails", "textbook bus")]
fn failing(case: Case) -> Case {
    publish(case)
}

#[library_benchmark(setup = ready)]
#[bench::bare_loop("4 handlers, one panics", "bare loop")]
#[bench::own_bus(args = ("4 handlers, one panics", "own bus"), config = within(20868))]
#[bench::default_bus(args = ("4 handlers, one panics", "default bus"), config = within(20871))]
#[bench::textbook("4 handlers, one panics", "textbook bus")]
fn panicking(case: Case) -> Case {
    publish(case)
}

#[library_benchmark(setup = ready)]
#[bench::bare_loop("an event is returned", "bare loop")]
#[bench::own_bus(args = ("an event is returned", "own bus"), config = within_units(722, 750))]
#[bench::default_bus(args = ("an event is returned", "default bus"), config = within_units(725, 754))]
#[bench::bevy("an event is returned", "bevy_ecs")]
#[bench::evenio("an event is returned", "evenio")]
fn returning(case: Case) -> Case {
    publish(case)
}

#[library_benchmark(setup = ready)]
#[bench::own_bus(args = ("4 async handlers, ready", "own bus"), config = within_units(618, 708))]
#[bench::default_bus(args = ("4 async handlers, ready", "default bus"), config = within_units(625, 713))]
#[bench::textbook("4 async handlers, ready", "textbook bus")]
fn async_ready(case: Case) -> Case {
    publish(case)
}

#[library_benchmark(setup = ready)]
#[bench::own_bus(args = ("4 async handlers that wait", "own bus"), config = within_units(1185, 1335))]
#[bench::default_bus(args = ("4 async handlers that wait", "default bus"), config = within_units(1190, 1341))]
#[bench::textbook("4 async handlers that wait", "textbook bus")]
fn async_pending(case: Case) -> Case {
    publish(case)
}

#[library_benchmark(setup = ready)]
#[bench::own_bus(args = ("4 concurrent handlers, ready", "own bus"), config = within_units(648, 738))]
#[bench::default_bus(args = ("4 concurrent handlers, ready", "default bus"), config = within_units(654, 743))]
#[bench::textbook("4 concurrent handlers, ready", "textbook bus")]
fn concurrent_ready(case: Case) -> Case {
    publish(case)
}

#[library_benchmark(setup = ready)]
#[bench::own_bus(args = ("4 concurrent handlers that wait", "own bus"), config = within_units(1158, 1255))]
#[bench::default_bus(args = ("4 concurrent handlers that wait", "default bus"), config = within_units(1164, 1258))]
#[bench::textbook("4 concurrent handlers that wait", "textbook bus")]
fn concurrent_pending(case: Case) -> Case {
    publish(case)
}

library_benchmark_group!(
    name = publishes,
    benchmarks = [
        none,
        one,
        four,
        sixteen,
        sixty_four,
        resourceful,
        fallible,
        failing,
        panicking,
        returning,
        async_ready,
        async_pending,
        concurrent_ready,
        concurrent_pending
    ]
);

main!(library_benchmark_groups = publishes);
