//! Figures of other libraries over PostgreSQL: see `--help`.

mod apalis;
mod awa;
mod database;
mod graphile;
mod pgmq;
mod run;

use crate::database::Outcome;

const HELP: &str = "\
Publish and drain of other libraries over PostgreSQL, for the benchmarks of durable events.

    cargo run --release                         all of them
    cargo run --release -- graphile_worker      these only: graphile_worker, pgmq, awa, apalis-postgres

The server is that of EVENTFUL_POSTGRES_URL, postgres://postgres@127.0.0.1:5432/postgres by default. Each figure has a
database of its own, which is dropped at the end. Times are of one machine: compare within one run.
";

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() -> Outcome {
    let chosen: Vec<String> = std::env::args().skip(1).collect();
    if chosen.iter().any(|word| word == "-h" || word == "--help") {
        print!("{HELP}");
        return Ok(());
    }
    let names = ["graphile_worker", "pgmq", "awa", "apalis-postgres"];
    if let Some(unknown) = chosen.iter().find(|word| !names.contains(&word.as_str())) {
        return Err(format!(
            "there is no peer `{unknown}`, but these: {}",
            names.join(", ")
        )
        .into());
    }
    let is_chosen = |name: &str| chosen.is_empty() || chosen.iter().any(|word| word == name);
    if is_chosen("graphile_worker") {
        run::figures::<graphile::Graphile>("graphile_worker").await?;
    }
    if is_chosen("pgmq") {
        run::figures::<pgmq::Pgmq>("pgmq").await?;
    }
    if is_chosen("awa") {
        run::figures::<awa::Awa>("awa").await?;
    }
    if is_chosen("apalis-postgres") {
        run::figures::<apalis::Apalis>("apalis-postgres").await?;
    }
    Ok(())
}
