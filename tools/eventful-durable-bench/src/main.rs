//! Figures of durable events over a file of SQLite: see `--help`.

#![expect(
    clippy::cast_precision_loss,
    reason = "counts of this size are exact as floats"
)]

mod backlog;
mod drain;
mod file;
mod idle;
mod ordered;
mod peer;
mod publish;

use std::error::Error;

const HELP: &str = "\
Figures of durable events over a file of SQLite.

    cargo run --release -p eventful-durable-bench             all of them
    cargo run --release -p eventful-durable-bench -- drain    these only

    publish    a publish in the program's transaction, over a second plain insert, with 0, 1 and 10 subscriptions
    drain      a backlog of 500,000 events, with 1 and 5 subscriptions that do nothing
    ordered    5,000 events a second, ten a key: from publish to handled
    idle       one event now and then: from publish to handled
    backlog    resident memory with a million events waiting
    peer       publish and drain of apalis-sqlite

The files are in the directory of TMPDIR. Times are of one machine: compare within one run.
";

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() -> Result<(), Box<dyn Error>> {
    let chosen: Vec<String> = std::env::args().skip(1).collect();
    if chosen.iter().any(|word| word == "-h" || word == "--help") {
        print!("{HELP}");
        return Ok(());
    }
    let names = ["publish", "drain", "ordered", "idle", "backlog", "peer"];
    if let Some(unknown) = chosen.iter().find(|word| !names.contains(&word.as_str())) {
        return Err(format!(
            "there is no figure `{unknown}`, but these: {}",
            names.join(", ")
        )
        .into());
    }
    let is_chosen = |name: &str| chosen.is_empty() || chosen.iter().any(|word| word == name);
    if is_chosen("publish") {
        publish::run().await?;
    }
    if is_chosen("drain") {
        drain::run().await?;
    }
    if is_chosen("ordered") {
        ordered::run().await?;
    }
    if is_chosen("idle") {
        idle::run().await?;
    }
    if is_chosen("backlog") {
        backlog::run().await?;
    }
    if is_chosen("peer") {
        peer::run().await?;
    }
    Ok(())
}
