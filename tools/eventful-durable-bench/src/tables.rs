//! The state of the tables of PostgreSQL after many events that were handled and trimmed.

use std::time::{Duration, Instant};

use eventful::durable::store::Store as _;

use crate::database::{Database, Outcome};
use crate::drain::buses;
use crate::server::Server;

const ROUNDS: u64 = 10;
const EVENTS: u64 = 1_000_000;
const TRIMMED_AT_ONCE: usize = 1_000;

pub(crate) async fn run() -> Outcome {
    println!(
        "tables: {ROUNDS} times {EVENTS} events, each time handled and then trimmed to nothing"
    );
    println!("| events | s to trim | log MB | position MB | dead rows |");
    println!("|---:|---:|---:|---:|---:|");
    let server = Server::new("on").await?;
    let [(_, bus), _] = buses()?;
    let worker = server.worker(&bus).await?;
    for round in 1..=ROUNDS {
        server.fill(EVENTS, 10_000).await?;
        worker.run_until_idle().await?;
        let began = Instant::now();
        while server
            .store()
            .trim(Duration::ZERO, TRIMMED_AT_ONCE)
            .await?
            .removed
            > 0
        {}
        let seconds = began.elapsed().as_secs_f64();
        let (log, position, dead): (i64, i64, i64) = sqlx::query_as(
            "SELECT pg_total_relation_size('eventful.log'), pg_total_relation_size('eventful.position'),
                 sum(n_dead_tup)::bigint FROM pg_stat_user_tables WHERE schemaname = 'eventful'",
        )
        .fetch_one(&server.pool)
        .await?;
        println!(
            "| {} | {seconds:.1} | {:.1} | {:.1} | {dead} |",
            round * EVENTS,
            log as f64 / 1e6,
            position as f64 / 1e6
        );
    }
    server.require_handled(ROUNDS * EVENTS).await?;
    print_tables(&server, "at the end").await?;
    // Whoever has switched autovacuum off waits in vain.
    tokio::time::sleep(Duration::from_secs(90)).await;
    print_tables(&server, "90 s later").await?;
    drop(worker);
    server.remove().await
}

async fn print_tables(server: &Server, when: &str) -> Outcome {
    println!("{when}:");
    println!("| table | rows | dead rows | heap KB | indexes KB | vacuumed by itself |");
    println!("|---|---:|---:|---:|---:|---:|");
    let tables: Vec<(String, i64, i64, i64, i64, i64)> = sqlx::query_as(
        "SELECT relname::text, n_live_tup, n_dead_tup, pg_table_size(relid), pg_indexes_size(relid), autovacuum_count
         FROM pg_stat_user_tables WHERE schemaname = 'eventful' AND (n_live_tup > 0 OR n_dead_tup > 0 OR n_tup_ins > 0)
         ORDER BY pg_total_relation_size(relid) DESC",
    )
    .fetch_all(&server.pool)
    .await?;
    for (table, live, dead, heap, indexes, vacuumed) in tables {
        let (heap, indexes) = (heap / 1_000, indexes / 1_000);
        println!("| {table} | {live} | {dead} | {heap} | {indexes} | {vacuumed} |");
    }
    Ok(())
}
