//! Figures of durable events over a database: see `--help`.

#![expect(
    clippy::cast_precision_loss,
    reason = "counts of this size are exact as floats"
)]

mod backlog;
mod child;
mod database;
mod drain;
mod file;
mod idle;
mod ordered;
mod peer;
mod publish;
mod server;
mod tables;
mod takeover;
mod wake;
mod wal;

use crate::database::Outcome;
use crate::file::File;
use crate::server::Server;

const HELP: &str = "\
Figures of durable events over a file of SQLite, or a database of PostgreSQL.

    cargo run --release -p eventful-durable-bench                              all of SQLite
    cargo run --release -p eventful-durable-bench -- drain                     these only
    cargo run --release -p eventful-durable-bench -- --store postgres drain    these of PostgreSQL

    publish    a publish in the program's transaction, over a second plain insert, with 0, 1 and 10 subscriptions
    drain      a backlog, with 1 and 5 subscriptions that do nothing
    ordered    a steady stream, ten a key: from publish to handled
    idle       one event now and then: from publish to handled
    backlog    resident memory with many events waiting
    peer       SQLite: publish and drain of apalis-sqlite
    wal        PostgreSQL: bytes that a publish adds to the write-ahead log
    takeover   PostgreSQL: from the kill of a worker to the first event that another one handles
    tables     PostgreSQL: the state of the tables after ten million events

Files are in the directory of TMPDIR. The server is that of EVENTFUL_POSTGRES_URL, by default
postgres://postgres@127.0.0.1:5432/postgres; each figure has a database of its own, which is dropped at the end.
`publish` needs a server with max_connections of 150. Times are of one machine: compare within one run.
";

const OF_SQLITE: &[&str] = &["publish", "drain", "ordered", "idle", "backlog", "peer"];
const OF_POSTGRES: &[&str] = &[
    "publish", "wal", "drain", "ordered", "idle", "takeover", "backlog", "tables",
];

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() -> Outcome {
    let mut words: Vec<String> = std::env::args().skip(1).collect();
    if words.first().is_some_and(|word| word == child::WORD) {
        return child::run(&words[1..]).await;
    }
    if words.iter().any(|word| word == "-h" || word == "--help") {
        print!("{HELP}");
        return Ok(());
    }
    let mut store = String::from("sqlite");
    if let Some(at) = words.iter().position(|word| word == "--store") {
        store = words
            .drain(at..words.len().min(at + 2))
            .nth(1)
            .unwrap_or_default();
    }
    match store.as_str() {
        "sqlite" => {
            for figure in chosen(OF_SQLITE, &words)? {
                of_sqlite(figure).await?;
            }
        }
        "postgres" => {
            let figures = chosen(OF_POSTGRES, &words)?;
            println!("{}", server::describe().await?);
            for figure in figures {
                of_postgres(figure).await?;
            }
        }
        _ => return Err("the store is `sqlite` or `postgres`".into()),
    }
    Ok(())
}

/// The figures that were asked for, or all.
fn chosen(all: &'static [&'static str], words: &[String]) -> Outcome<Vec<&'static str>> {
    if let Some(unknown) = words.iter().find(|word| !all.contains(&word.as_str())) {
        return Err(format!(
            "there is no figure `{unknown}` of this store, but these: {}",
            all.join(", ")
        )
        .into());
    }
    let is_chosen = |name: &&&str| words.is_empty() || words.iter().any(|word| word == **name);
    Ok(all.iter().filter(is_chosen).copied().collect())
}

async fn of_sqlite(figure: &str) -> Outcome {
    match figure {
        "publish" => publish::run::<File>().await,
        "drain" => drain::run::<File>().await,
        "ordered" => ordered::run::<File>().await,
        "idle" => idle::run::<File>().await,
        "backlog" => backlog::run::<File>().await,
        _ => peer::run().await,
    }
}

async fn of_postgres(figure: &str) -> Outcome {
    match figure {
        "publish" => publish::run::<Server>().await,
        "wal" => wal::run().await,
        "drain" => drain::run::<Server>().await,
        "ordered" => ordered::run::<Server>().await,
        "idle" => {
            idle::run::<Server>().await?;
            wake::run().await
        }
        "takeover" => takeover::run().await,
        "backlog" => backlog::run::<Server>().await,
        _ => tables::run().await,
    }
}
