//! A rule in the transaction of the publish: `cargo run --example durable_limits --features sqlite`.
//!
//! The handler `limit` is `in_transaction`: it runs in the publish, sees what the transaction has written, and its
//! error fails the publish. The order is rolled back, and no handler ever hears of it.

use std::error::Error;
use std::fmt;

use eventful::durable::Worker;
use eventful::store::Sqlite;
use eventful::{PublishError, event, handler};
use serde::{Deserialize, Serialize};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{SqliteConnection, SqlitePool};

const LIMIT: i64 = 500;

#[event(durable, name = "order.placed", key = customer)]
#[derive(Serialize, Deserialize)]
struct OrderPlaced {
    customer: String,
    total: i64,
}

/// A customer's orders cost too much in all.
#[derive(Debug)]
struct OverLimit {
    customer: String,
    total: i64,
}

impl fmt::Display for OverLimit {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { customer, total } = self;
        write!(
            formatter,
            "{customer} would owe {total}, over the limit of {LIMIT}"
        )
    }
}

impl Error for OverLimit {}

/// The rule, in the publisher's transaction. `BEGIN IMMEDIATE` keeps other writers out, so two orders at once do not both
/// pass.
#[handler(OrderPlaced, in_transaction)]
async fn limit(
    event: &OrderPlaced,
    connection: &mut SqliteConnection,
) -> Result<(), Box<dyn Error + Send + Sync>> {
    let total = sqlx::query_scalar("SELECT sum(total) FROM orders WHERE customer = ?")
        .bind(&event.customer)
        .fetch_one(connection)
        .await?;
    if total > LIMIT {
        let customer = event.customer.clone();
        return Err(OverLimit { customer, total }.into());
    }
    Ok(())
}

/// The mail, after the commit, on a worker.
#[handler(OrderPlaced, id = "mail.confirm")]
fn confirm(event: &OrderPlaced) {
    println!(
        "mail to {}: thank you for an order of {}",
        event.customer, event.total
    );
}

async fn place(pool: &SqlitePool, customer: &str, total: i64) -> Result<(), Box<dyn Error>> {
    let mut transaction = pool.begin_with("BEGIN IMMEDIATE").await?;
    sqlx::query("INSERT INTO orders (customer, total) VALUES (?, ?)")
        .bind(customer)
        .bind(total)
        .execute(&mut *transaction)
        .await?;
    let event = OrderPlaced {
        customer: customer.to_owned(),
        total,
    };
    // An error leaves the function, and the transaction is rolled back.
    event.publish(&mut transaction).await?;
    transaction.commit().await?;
    Ok(())
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let file = std::env::temp_dir().join(format!("eventful-limits-{}.db", std::process::id()));
    let options = SqliteConnectOptions::new()
        .filename(&file)
        .create_if_missing(true);
    let pool = SqlitePool::connect_with(options).await?;
    let store = Sqlite::new(pool.clone());
    store.migrate().await?;
    sqlx::query("CREATE TABLE orders (customer TEXT NOT NULL, total INTEGER NOT NULL)")
        .execute(&pool)
        .await?;
    let bus = eventful::bus!().build()?;
    let worker = Worker::builder(&bus, store.clone()).build().await?;
    bus.install()?;

    for (customer, total) in [("ada", 300), ("ada", 150), ("ada", 120), ("grace", 500)] {
        match place(&pool, customer, total).await {
            Ok(()) => println!("order of {customer} for {total}: placed"),
            Err(error) => {
                let refusal = refusal(&*error).ok_or(error)?;
                println!("order of {customer} for {total}: refused, {refusal}");
            }
        }
    }
    let orders: i64 = sqlx::query_scalar("SELECT count(*) FROM orders")
        .fetch_one(&pool)
        .await?;
    println!("{orders} orders are in the file");
    worker.run_until_idle().await?;

    store.close().await;
    pool.close().await;
    std::fs::remove_file(file)?;
    Ok(())
}

/// The error of the rule, which is behind that of the publish.
fn refusal(error: &(dyn Error + 'static)) -> Option<String> {
    let handlers: &PublishError = error.source()?.downcast_ref()?;
    handlers
        .downcast_ref::<OverLimit>()
        .map(ToString::to_string)
}
