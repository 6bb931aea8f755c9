//! Runs of what is broken on purpose: each has to be found.

use std::time::Duration;

use eventful::durable::testing::crash::{Broken, Fallible, Report, Run, is_broken};
use sqlx::PgPool;

use crate::database::{poison, run};
use crate::sound::crowded;

/// Each connection takes numbers of the log in advance.
const SEQUENCE_CACHE: &str = "a sequence with a cache";

/// The faults of the database.
pub(crate) async fn prepare(pool: &PgPool) -> Fallible<()> {
    if is_broken(SEQUENCE_CACHE) {
        let cache = sqlx::query_scalar(
            "SELECT cache_size FROM pg_sequences WHERE sequencename = 'log_seq_seq'",
        );
        let cache: i64 = cache.fetch_one(pool).await?;
        if cache == 1 {
            let alter = sqlx::raw_sql("ALTER SEQUENCE eventful.log_seq_seq CACHE 32");
            alter.execute(pool).await?;
        }
    }
    Ok(())
}

/// Runs what is broken for a short time, and again if it must be, until `is_found` is true.
async fn finds(with: impl Fn(Run) -> Run, is_found: impl Fn(&Report) -> bool) {
    for _ in 0..8 {
        let Some(report) = run(|run| with(run.seconds(Duration::from_secs(4)))).await else {
            return;
        };
        // What is broken is not to be looked at.
        let _ = std::fs::remove_dir_all(&report.directory);
        if is_found(&report) {
            return;
        }
    }
    panic!("it is not found");
}

/// The number of an event is lower than that of one that has committed before it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cursor_over_the_numbers_of_the_log_loses() {
    finds(
        |run| crowded(run).broken(Broken::Own("positions that are numbers of the log")),
        |report| report.lost > 0,
    )
    .await;
}

/// A transaction that took its id early, and its key late.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_order_of_transaction_ids_inverts() {
    finds(
        |run| crowded(run).broken(Broken::Own("positions in the order of transaction ids")),
        |report| report.inverted > 0,
    )
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sequence_with_a_cache_inverts() {
    finds(
        |run| crowded(run).broken(Broken::Own(SEQUENCE_CACHE)),
        |report| report.inverted > 0,
    )
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn effects_are_doubled_without_done_rows() {
    finds(|run| run.broken(Broken::NoDoneRows), has_doubled_effects).await;
}

fn has_doubled_effects(report: &Report) -> bool {
    report.effects.is_some_and(|effects| effects.doubled > 0)
}

/// Two workers that both hold a lease have it for as long as they live.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn effects_are_doubled_without_tokens() {
    let second = Duration::from_secs(1);
    finds(
        |run| {
            let run = run.broken(Broken::NoTokens).processes(6, 2);
            run.pause(second, 2 * second)
        },
        has_doubled_effects,
    )
    .await;
}

/// A worker that has lost its lease acknowledges what its successor runs.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_void_acknowledgement_is_taken_without_a_guard() {
    let (second, slow) = (Duration::from_secs(1), Duration::from_millis(300));
    finds(
        |run| {
            let run = run
                .broken(Broken::ImmortalLeases)
                .broken(Broken::Own("acknowledgements without a token"));
            run.slow_handlers(slow)
                .keys(60)
                .processes(1, 3)
                .pause(second, 2 * second)
        },
        |report| report.void_taken > 0,
    )
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn retries_that_are_due_each_by_itself_overtake() {
    finds(
        |run| run.broken(Broken::Own("each retry by itself")),
        |report| report.overtaken > 0,
    )
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_worker_that_blames_the_neighbours_buries_them() {
    if let Some(report) = poison(|run| run.broken(Broken::BlameTheNeighbour)).await {
        // What is broken is not to be looked at.
        let _ = std::fs::remove_dir_all(&report.directory);
        assert!(report.dead > 1, "only the killer is dead");
    }
}
