//! Orders whose consequences survive a crash: `cargo run --example durable --features sqlite [-- --crash-after N]`.
//!
//! Each order is a row of a file of SQLite, committed together with the event [`shop::OrderPlaced`]. A worker delivers
//! the event to each handler of `handlers` by itself, and to those alone that have not had it when the process ended.

mod handlers;
mod lines;
mod options;
mod shop;
mod summary;

use std::error::Error;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use eventful::durable::Worker;
use eventful::store::Sqlite;
use sqlx::SqlitePool;

use crate::handlers::Crash;
use crate::lines::{Audit, Lines, Mails};
use crate::options::{Command, Options, USAGE, parse};
use crate::shop::{OrderPlaced, Placed};

/// The time after which the handlers of a process that has crashed are free for another. A service leaves it at 30
/// seconds: a shorter one is more writes.
const LEASE: Duration = Duration::from_secs(2);

#[tokio::main]
async fn main() -> ExitCode {
    let options = match parse(std::env::args().skip(1)) {
        Ok(Command::Run(options)) => options,
        Ok(Command::Help) => {
            println!("{USAGE}");
            return ExitCode::SUCCESS;
        }
        Err(error) => {
            eprintln!("durable: {error}; see `durable --help`");
            return ExitCode::from(2);
        }
    };
    match run(&options).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("durable: {error}");
            ExitCode::from(2)
        }
    }
}

async fn run(options: &Options) -> Result<(), String> {
    let orders = shop::read(Path::new("examples/data/orders.csv"))?;
    let done = work(options, orders).await;
    done.map_err(|error| format!("{}: {}", options.file.display(), text(&*error)))
}

/// The text of an error with its sources.
fn text(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        let of_source = error.to_string();
        // Those of sqlx repeat their source.
        if !text.ends_with(&of_source) {
            text = format!("{text}: {of_source}");
        }
        source = error.source();
    }
    text
}

async fn work(options: &Options, orders: Vec<OrderPlaced>) -> Result<(), Box<dyn Error>> {
    let pool = shop::open(&options.file).await?;
    let store = Sqlite::new(pool.clone());
    store.migrate().await?;
    shop::make_tables(&pool).await?;

    let mails = Arc::new(Mails(Lines::new(beside(&options.file, "-mails.txt"))));
    let audit = Arc::new(Audit(Lines::new(beside(&options.file, "-audit.txt"))));
    let crash = Arc::new(Crash::new(options.crash_after));
    let bus = eventful::bus!()
        .provide_arc(Arc::clone(&mails))
        .provide_arc(Arc::clone(&audit))
        .provide_arc(Arc::clone(&crash))
        .build()?;
    // Before the first publish: it registers the handlers in the file.
    let worker = Worker::builder(&bus, store.clone())
        .lease(LEASE)
        .build()
        .await?;

    println!("placing orders in {}", options.file.display());
    let (mut placed, mut before) = (0, 0);
    for order in orders {
        match shop::place(&pool, &order).await? {
            Placed::Now => placed += 1,
            Placed::Before => before += 1,
        }
    }
    println!("  {placed} placed now, {before} by an earlier run");
    tell_of_others(&pool).await?;

    println!("handling them");
    // A service awaits its signal for shutdown instead.
    worker.run_until(until_all_is_done(&pool)).await?;
    if let Some(after) = options.crash_after {
        println!(
            "  no crash: {} handlers ran, fewer than {after}",
            crash.handlers()
        );
    }
    summary::print(&pool, &store, &mails, &audit).await?;
    store.close().await;
    pool.close().await;
    println!(
        "To begin anew, delete the files {}*",
        options.file.display()
    );
    Ok(())
}

/// A file beside the one of the database.
fn beside(file: &Path, end: &str) -> PathBuf {
    let mut name = OsString::from(file);
    name.push(end);
    name.into()
}

/// Says so if another process holds handlers, or held them when it crashed.
async fn tell_of_others(pool: &SqlitePool) -> Result<(), sqlx::Error> {
    let held: i64 = sqlx::query_scalar(
        "SELECT count(*) FROM eventful_subscriptions
         WHERE lease_until > strftime('%Y-%m-%dT%H:%M:%fZ', 'now')",
    )
    .fetch_one(pool)
    .await?;
    if held > 0 {
        println!(
            "  another run has {held} handlers: if it has crashed, they are free after {LEASE:?}"
        );
    }
    Ok(())
}

/// Waits until each handler has come to the end of the log, and no retry waits.
async fn until_all_is_done(pool: &SqlitePool) {
    loop {
        tokio::time::sleep(Duration::from_millis(50)).await;
        let waiting: Result<i64, _> =
            sqlx::query_scalar("SELECT sum(lag + retries) FROM eventful_subscriptions")
                .fetch_one(pool)
                .await;
        match waiting {
            Ok(0) => return,
            Ok(_) => {}
            Err(error) => eprintln!("durable: the file cannot be read: {error}"),
        }
    }
}
