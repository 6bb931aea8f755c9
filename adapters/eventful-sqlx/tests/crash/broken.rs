//! Runs of what is broken on purpose: each has to be found.

use std::collections::BTreeSet;
use std::time::Duration;

use eventful::durable::testing::crash::{self, Broken, Fallible, Report, Run, is_broken};
use eventful::store::Sqlite;
use sqlx::SqlitePool;

use crate::alone;
use crate::file::File;

/// Publishers begin without the write lock.
pub(crate) const DEFERRED: &str = "deferred transactions";
/// Positions that were removed are given again, and the log becomes empty.
const NO_AUTOINCREMENT: &str = "no autoincrement";
/// The log becomes empty.
const EMPTY_LOG: &str = "an empty log";

/// The faults of the file.
pub(crate) async fn prepare(pool: &SqlitePool) -> Fallible<()> {
    if is_broken(NO_AUTOINCREMENT) {
        migrate_without_autoincrement(pool).await?;
    }
    if is_broken(NO_AUTOINCREMENT) || is_broken(EMPTY_LOG) {
        tokio::spawn(empty_the_log(pool.clone()));
    }
    Ok(())
}

async fn migrate_without_autoincrement(pool: &SqlitePool) -> Fallible<()> {
    let mut transaction = pool.begin_with("BEGIN IMMEDIATE").await?;
    let tables: i64 =
        sqlx::query_scalar("SELECT count(*) FROM sqlite_schema WHERE name = 'eventful_log'")
            .fetch_one(&mut *transaction)
            .await?;
    if tables == 0 {
        let schema = Sqlite::schema().replace("PRAGMA journal_mode = WAL;", "");
        let schema = schema.replace(" AUTOINCREMENT", "");
        sqlx::raw_sql(sqlx::AssertSqlSafe(schema))
            .execute(&mut *transaction)
            .await?;
    }
    transaction.commit().await?;
    Ok(())
}

/// Removes what nobody needs, without leaving the last event.
async fn empty_the_log(pool: SqlitePool) {
    loop {
        tokio::time::sleep(Duration::from_millis(20)).await;
        let removed = sqlx::query(
            "DELETE FROM eventful_log
             WHERE position <= (SELECT min(cursor) FROM eventful_partition)
                 AND position < coalesce((SELECT min(position) FROM eventful_retry), position + 1)",
        );
        // The tables come a little later.
        let _ = removed.execute(&pool).await;
    }
}

/// A short run of what is broken.
fn run(broken: Broken) -> Run {
    let run = Run::new(crash::test("child")).broken(broken);
    run.seconds(Duration::from_secs(3))
}

/// Runs what is broken, a few times if it must be, until `is_found` is true.
async fn finds(run: impl Fn() -> Run, is_found: impl Fn(&Report) -> bool) {
    let _alone = alone().await;
    for attempt in 1..=8 {
        let report = run().run::<File>().await;
        println!("{attempt}: {report}");
        println!("{:?}", BTreeSet::from_iter(report.faults()));
        let found = is_found(&report);
        // What is broken is not to be looked at.
        let _ = std::fs::remove_dir_all(&report.directory);
        if found {
            return;
        }
    }
    panic!("it is not found");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cursor_that_moves_first_loses() {
    finds(|| run(Broken::CursorFirst), |report| report.lost > 0).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_retry_that_leaves_its_key_open_is_overtaken() {
    finds(|| run(Broken::OpenKeys), |report| report.overtaken > 0).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn effects_are_doubled_without_done_rows() {
    finds(|| run(Broken::NoDoneRows), has_doubled_effects).await;
}

fn has_doubled_effects(report: &Report) -> bool {
    report.effects.is_some_and(|effects| effects.doubled > 0)
}

/// Two workers that both hold a lease have it for as long as they live.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn effects_are_doubled_without_tokens() {
    let second = Duration::from_secs(1);
    finds(
        || {
            run(Broken::NoTokens)
                .pause(second, 2 * second)
                .processes(6, 2)
        },
        has_doubled_effects,
    )
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn retries_that_are_due_each_by_itself_overtake() {
    finds(
        || run(Broken::Own("each retry by itself")),
        |report| report.overtaken > 0,
    )
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_empty_log_loses_without_autoincrement() {
    finds(
        || run(Broken::Own(NO_AUTOINCREMENT)),
        |report| report.lost > 0,
    )
    .await;
}

/// It is the number that is given again which loses, and not the empty log.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_empty_log_loses_nothing_with_autoincrement() {
    let _alone = alone().await;
    let report = run(Broken::Own(EMPTY_LOG)).run::<File>().await;
    println!("{report}");
    assert_eq!(report.lost, 0, "{:?}", report.faults());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn deferred_transactions_fail() {
    let is_locked = |report: &Report| report.errors.iter().any(|error| error.contains("locked"));
    finds(|| run(Broken::Own(DEFERRED)), is_locked).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_worker_that_blames_the_neighbours_buries_them() {
    let _alone = alone().await;
    let report = run(Broken::BlameTheNeighbour).poison::<File>().await;
    println!("{report}");
    assert!(report.dead > 1, "only the killer is dead");
}
