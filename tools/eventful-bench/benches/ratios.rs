//! Every case side by side: `cargo bench -p eventful-bench --bench ratios`.
//!
//! divan measures one after the other. On a machine that is not quiet, `--bench table` compares better: it takes turns.

use divan::Bencher;
use divan::counter::ItemsCount;
use eventful_bench::{case, cases_of};

/// In one measured run.
const PUBLISHES: u64 = 1_000;

fn main() {
    divan::main();
}

/// The peers that can do `workload`.
fn peers(workload: &str) -> Vec<&'static str> {
    cases_of(workload).iter().map(|case| case.peer).collect()
}

macro_rules! workloads {
    ($($function:ident: $workload:literal)*) => {
        $(
            #[divan::bench(name = $workload, args = peers($workload))]
            fn $function(bencher: Bencher<'_, '_>, peer: &str) {
                let mut case = case($workload, peer);
                let bencher = bencher.counter(ItemsCount::new(PUBLISHES));
                bencher.bench_local(|| case.run(PUBLISHES));
            }
        )*
    };
}

workloads! {
    none: "0 handlers"
    one: "1 handler"
    four: "4 handlers"
    sixteen: "16 handlers"
    sixty_four: "64 handlers"
    resourceful: "4 handlers with a resource"
    fallible: "4 handlers that may fail"
    failing: "4 handlers, one fails"
    panicking: "4 handlers, one panics"
    returning: "an event is returned"
    ready: "4 async handlers, ready"
    pending: "4 async handlers that wait"
    ready_together: "4 concurrent handlers, ready"
    pending_together: "4 concurrent handlers that wait"
}
