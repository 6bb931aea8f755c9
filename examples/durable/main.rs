//! Orders whose consequences survive a crash: `cargo run --example durable --features sqlite [-- --crash-after N]`.
//!
//! Each order is a row of a database, committed together with the event [`shop::OrderPlaced`]. A worker delivers the
//! event to each handler of `handlers`, and to the one of the shop, by itself, and to those alone that have not had it
//! when the process ended. The database is a file of SQLite, or one of PostgreSQL for several processes at once:
//! `cargo run --example durable --features postgres,sqlite -- --store postgres://…`.

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

use eventful::BusBuilder;
use eventful::durable::store::{Store, StoreError};
use eventful::durable::{Worker, state};

use crate::handlers::Crash;
use crate::lines::{Audit, Lines, Mails};
use crate::options::{Command, Options, USAGE, parse};
use crate::shop::sqlite::SqliteShop;
use crate::shop::{OrderPlaced, Placed, Shop};

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
    let done = run_in_store(options, orders).await;
    let place = match &options.store {
        // The URL may have a password.
        Some(_) => "PostgreSQL".to_owned(),
        None => options.file.display().to_string(),
    };
    done.map_err(|error| format!("{place}: {}", text(&*error)))
}

/// Each shop has a handler of its own, with the connection of its store. The one of the other shop is left out: a
/// worker cannot be built with a handler whose connection its store does not have.
async fn run_in_store(options: &Options, orders: Vec<OrderPlaced>) -> Result<(), Box<dyn Error>> {
    let bus = eventful::bus!();
    #[cfg(feature = "postgres")]
    let bus = match &options.store {
        Some(url) => {
            let shop = shop::postgres::PostgresShop::connect(url).await?;
            return work(options, orders, shop, bus.without(shop::sqlite::reserve)).await;
        }
        None => bus.without(shop::postgres::reserve),
    };
    let shop = SqliteShop::open(&options.file).await?;
    work(options, orders, shop, bus).await
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

async fn work(
    options: &Options,
    orders: Vec<OrderPlaced>,
    shop: impl Shop,
    bus: BusBuilder,
) -> Result<(), Box<dyn Error>> {
    shop.make_tables().await?;
    let mails = Arc::new(Mails {
        lines: Lines::new(beside(&options.file, "-mails.txt")),
        takes: options.mails_take,
    });
    let audit = Arc::new(Audit(Lines::new(beside(&options.file, "-audit.txt"))));
    let crash = Arc::new(Crash::new(options.crash_after));
    let bus = bus
        .provide_arc(Arc::clone(&mails))
        .provide_arc(Arc::clone(&audit))
        .provide_arc(Arc::clone(&crash))
        .build()?;
    // Before the first publish: it registers the handlers in the database.
    let worker = Worker::builder(&bus, shop.store().clone())
        .lease(LEASE)
        .build()
        .await?;

    match &options.store {
        Some(_) => println!("placing orders in PostgreSQL"),
        None => println!("placing orders in {}", options.file.display()),
    }
    let (mut placed, mut before) = (0, 0);
    for order in orders {
        match shop.place(&order).await? {
            Placed::Now => placed += 1,
            Placed::Before => before += 1,
        }
    }
    println!("  {placed} placed now, {before} by an earlier run");
    tell_of_others(shop.store()).await?;

    println!("handling them");
    // A service awaits its signal for shutdown instead.
    worker.run_until(until_all_is_done(shop.store())).await?;
    if let Some(after) = options.crash_after {
        println!(
            "  no crash: {} handlers ran, fewer than {after}",
            crash.handlers()
        );
    }
    summary::print(&shop, &mails, &audit).await?;
    let to_begin_anew = shop.close().await;
    println!("To begin anew, {to_begin_anew}");
    Ok(())
}

/// A file beside the one of the database.
fn beside(file: &Path, end: &str) -> PathBuf {
    let mut name = OsString::from(file);
    name.push(end);
    name.into()
}

/// Says so if another process holds handlers, or held them when it crashed.
async fn tell_of_others(store: &impl Store) -> Result<(), StoreError> {
    let subscriptions = store.subscriptions().await?;
    let partitions = subscriptions.iter().flat_map(|it| &it.partitions);
    let held = partitions.filter(|it| it.owner.is_some()).count();
    if held > 0 {
        println!(
            "  another run has {held} handlers: if it has crashed, they are free after {LEASE:?}"
        );
    }
    Ok(())
}

/// Waits until each handler has come to the end of the log, and no retry waits.
async fn until_all_is_done(store: &impl Store) {
    loop {
        tokio::time::sleep(Duration::from_millis(50)).await;
        match waiting(store).await {
            Ok(0) => return,
            Ok(_) => {}
            Err(error) => eprintln!("durable: the database cannot be read: {error}"),
        }
    }
}

async fn waiting(store: &impl Store) -> Result<u64, StoreError> {
    // What was committed just now has a place after it.
    store.advance().await?;
    let summaries = state::summaries(store).await?;
    Ok(summaries.iter().map(|it| it.lag + it.retries).sum())
}
