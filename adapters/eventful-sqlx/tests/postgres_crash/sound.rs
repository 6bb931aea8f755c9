//! Runs that find nothing.

use std::time::Duration;

use eventful::durable::testing::crash::{Broken, Run};

use crate::database::{poison, run};

/// Many connections, which wait for each other's keys and commit in another order than they began, one of them much
/// later.
pub(crate) fn crowded(run: Run) -> Run {
    run.connections(6)
        .keys(60)
        .sleep(Duration::from_millis(20))
        .early_writes()
        .long_transaction(Duration::from_secs(2))
}

/// 40 connections, and 3 workers.
fn ledger(run: Run) -> Run {
    // Workers live long enough to keep up with what is published.
    let pause = (Duration::from_millis(200), Duration::from_millis(1_500));
    crowded(run)
        .processes(4, 3)
        .connections(10)
        .pause(pause.0, pause.1)
        .long_transaction(Duration::from_secs(8))
        .transactions(40_000)
}

async fn finds_nothing(with: impl Fn(Run) -> Run) {
    let Some(report) = run(with).await else {
        return;
    };
    println!("{:?}", report.failpoints);
    println!("{:?}", report.worker_errors);
    report.assert_sound();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_lost() {
    finds_nothing(crowded).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_lost_in_partitions_whose_handlers_fail() {
    finds_nothing(|run| crowded(run).partitions(4).failing(3)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_lost_in_a_split() {
    finds_nothing(|run| crowded(run).split(4)).await;
}

/// The token alone guards the store if workers do not notice that they have lost a lease.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_worker_that_holds_on_to_its_leases_harms_nobody() {
    let (second, slow) = (Duration::from_secs(1), Duration::from_millis(20));
    finds_nothing(|run| {
        let run = run.broken(Broken::ImmortalLeases).slow_handlers(slow);
        run.pause(second, 2 * second)
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_event_that_kills_its_worker_is_the_only_dead_letter() {
    if let Some(report) = poison(|run| run).await {
        report.assert_sound();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "it takes minutes, and 200 connections"]
async fn the_ledger_has_no_fault() {
    finds_nothing(ledger).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "it takes minutes, and 200 connections"]
async fn the_ledger_of_partitions_whose_handlers_fail_has_no_fault() {
    finds_nothing(|run| ledger(run).partitions(4).failing(3)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "it takes minutes, and 200 connections"]
async fn the_ledger_of_a_split_has_no_fault() {
    finds_nothing(|run| ledger(run).split(4)).await;
}
