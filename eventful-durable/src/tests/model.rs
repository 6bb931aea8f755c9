//! The engine against a model: random steps of publishers, workers, crashes and people. The broken variants of the
//! engine have to fail.

mod check;
mod ledger;
mod step;
mod world;

use proptest::test_runner::{Config, TestCaseError, TestError, TestRng, TestRunner};
use tokio::runtime::Builder;

use self::step::{Case, case};
use self::world::World;
use crate::memory::Sabotage as StoreSabotage;
use crate::worker::Sabotage as WorkerSabotage;

/// A fault of the engine, or none.
#[derive(Clone, Copy, Debug, Default)]
struct Broken {
    store: StoreSabotage,
    worker: WorkerSabotage,
}

/// Runs random cases, always the same ones, until one fails, which is then made smaller in so many steps.
fn run(cases: u32, shrinking: u32, broken: Broken) -> Result<(), TestError<Case>> {
    let config = Config {
        cases,
        failure_persistence: None,
        max_shrink_iters: shrinking,
        ..Config::default()
    };
    let random = TestRng::deterministic_rng(proptest::test_runner::RngAlgorithm::ChaCha);
    let mut runner = TestRunner::new_with_rng(config, random);
    runner.run(&case(), |case| {
        let runtime = Builder::new_current_thread()
            .enable_time()
            .start_paused(true)
            .build();
        let runtime = runtime.expect("a runtime");
        let checked = runtime.block_on(async {
            let mut world = World::new(broken.store, broken.worker, case.has_killers);
            world.register().await;
            for step in &case.steps {
                world.take(step).await?;
            }
            world.drain().await?;
            world.check().await
        });
        checked.map_err(TestCaseError::fail)
    })
}

/// The number of cases: `EVENTFUL_MODEL_CASES`, or enough for a change to be seen.
fn cases() -> u32 {
    let wanted = std::env::var("EVENTFUL_MODEL_CASES").ok();
    wanted.and_then(|cases| cases.parse().ok()).unwrap_or(300)
}

#[test]
fn nothing_is_lost_reordered_or_done_twice_whatever_happens() {
    if let Err(error) = run(cases(), 400, Broken::default()) {
        panic!("{error}");
    }
}

/// Asserts that the cases find a fault, and that they find it by this.
fn is_found(broken: Broken, by: &str) {
    let TestError::Fail(reason, case) = run(2_000, 0, broken).expect_err("the fault is found")
    else {
        panic!("the cases were given up");
    };
    let reason = reason.message();
    assert!(reason.contains(by), "found by {reason} in {case:?}");
}

fn worker(worker: WorkerSabotage) -> Broken {
    Broken {
        worker,
        ..Broken::default()
    }
}

fn store(store: StoreSabotage) -> Broken {
    Broken {
        store,
        ..Broken::default()
    }
}

#[test]
fn a_cursor_that_moves_before_the_handlers_is_found() {
    is_found(worker(WorkerSabotage::CursorFirst), "is lost");
}

#[test]
fn retries_that_do_not_shut_their_key_are_found() {
    is_found(worker(WorkerSabotage::OpenKeys), "overtakes");
}

#[test]
fn a_crash_mode_that_blames_the_neighbour_is_found() {
    is_found(worker(WorkerSabotage::BlameTheNeighbour), "is innocent");
}

#[test]
fn writes_without_a_token_are_found() {
    is_found(store(StoreSabotage::NoToken), "effects");
}

#[test]
fn transactional_handlers_without_done_rows_are_found() {
    is_found(store(StoreSabotage::NoDoneRow), "effects");
}

#[test]
fn trimming_below_a_retry_is_found() {
    is_found(store(StoreSabotage::TrimBelowRetries), "it never ends");
}
