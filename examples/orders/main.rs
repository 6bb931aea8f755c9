//! A shop's orders: `cargo run --example orders [CSV] [--output FOLDER]`.
//!
//! The service method [`service::create_order`] saves an order and publishes the event. Its handlers are in modules of
//! their own, `cache`, `notification` and `audit`. Nothing here calls them.

mod audit;
mod cache;
mod input;
mod notification;
mod order;
mod service;
mod store;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use crate::audit::AuditFile;
use crate::cache::CustomerCache;
use crate::notification::{MailFolder, Mailer};
use crate::order::Order;
use crate::service::create_order;
use crate::store::OrderStore;

const USAGE: &str = "\
Reads orders from a CSV file, saves each and lets the handlers of `OrderCreated` do the rest.

usage: orders [CSV] [--output FOLDER]

  CSV              the orders [default: examples/data/orders.csv]
  --output FOLDER  where orders, mails and the audit file go [default: orders-output]

exit status: 0 all rows saved, 1 some rows were not, 2 nothing could be done";

fn main() -> ExitCode {
    // The bus logs a handler that fails; this prints the log.
    tracing_subscriber::fmt()
        .without_time()
        .with_writer(std::io::stderr)
        .init();
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["-h" | "--help"] => {
            println!("{USAGE}");
            ExitCode::SUCCESS
        }
        [] => finish(run(
            Path::new("examples/data/orders.csv"),
            Path::new("orders-output"),
        )),
        [csv] if !csv.starts_with('-') => finish(run(Path::new(csv), Path::new("orders-output"))),
        ["--output", output] => finish(run(
            Path::new("examples/data/orders.csv"),
            Path::new(output),
        )),
        [csv, "--output", output] | ["--output", output, csv] if !csv.starts_with('-') => {
            finish(run(Path::new(csv), Path::new(output)))
        }
        _ => {
            eprintln!(
                "orders: unknown arguments: {}; see `orders --help`",
                arguments.join(" ")
            );
            ExitCode::from(2)
        }
    }
}

/// The number of rows that were refused.
type Refused = usize;

fn finish(result: Result<Refused, Box<dyn std::error::Error>>) -> ExitCode {
    match result {
        Ok(0) => ExitCode::SUCCESS,
        Ok(_) => ExitCode::from(1),
        Err(error) => {
            eprintln!("orders: {error}");
            ExitCode::from(2)
        }
    }
}

fn run(csv: &Path, output: &Path) -> Result<Refused, Box<dyn std::error::Error>> {
    let rows = input::read(csv)?;
    let store = OrderStore::create(output.join("orders"))?;
    let cache = Arc::new(CustomerCache::default());
    let mails = Arc::new(MailFolder::create(output.join("mail"))?);
    let audit = Arc::new(AuditFile::open(output.join("audit.log"))?);
    eventful::bus!()
        .provide_arc(Arc::clone(&cache))
        .provide_arc::<dyn Mailer>(mails)
        .provide_arc(Arc::clone(&audit))
        .build()?
        .install()?;

    let mut saved = Vec::new();
    let mut refused = 0;
    for row in rows {
        match row
            .and_then(|row| create_order(row.order, &store).map_err(|error| row.at.refuse(&error)))
        {
            Ok(order) => saved.push(order),
            Err(refusal) => {
                eprintln!("{refusal}");
                refused += 1;
            }
        }
    }
    summarise(&saved, refused, output, &cache, &audit)?;
    Ok(refused)
}

fn summarise(
    saved: &[Order],
    refused: Refused,
    output: &Path,
    cache: &CustomerCache,
    audit: &AuditFile,
) -> std::io::Result<()> {
    let files = |folder: &str, name: fn(&Order) -> String| {
        saved
            .iter()
            .filter(|order| output.join(folder).join(name(order)).exists())
            .count()
    };
    println!("\n{} orders saved, {refused} rows refused", saved.len());
    println!(
        "  {}: {} files",
        folder(output, "orders"),
        files("orders", store::file_name)
    );
    println!(
        "  {}: {} mails",
        folder(output, "mail"),
        files("mail", |order| notification::file_name(order.id))
    );
    println!(
        "  {}: {} lines, {} of them now",
        folder(output, "audit.log"),
        audit.count_lines()?,
        audit.appended()
    );
    println!("  cache, read back:");
    for customer in saved
        .iter()
        .map(|order| order.customer_id)
        .collect::<BTreeSet<_>>()
    {
        if let Some(totals) = cache.get(customer) {
            println!("    customer {customer}: {totals}");
        }
    }
    Ok(())
}

fn folder(output: &Path, name: &str) -> String {
    let path: PathBuf = output.join(name);
    path.display().to_string()
}
