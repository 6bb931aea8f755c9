//! Orders in a file of SQLite, and the event that goes with each.

use std::path::Path;

use eventful::event;
use serde::{Deserialize, Serialize};
use sqlx::SqlitePool;
use sqlx::sqlite::SqliteConnectOptions;

/// An order was placed. The columns of the CSV file that are needed here have the names of the fields.
#[event(durable, name = "order.placed", key = customer_id)]
#[derive(Serialize, Deserialize)]
pub(crate) struct OrderPlaced {
    pub(crate) order_id: i64,
    pub(crate) customer_id: i64,
    pub(crate) email: String,
    pub(crate) product: String,
    pub(crate) quantity: i64,
}

pub(crate) enum Placed {
    Now,
    /// An earlier run has placed it: neither a row nor an event was written.
    Before,
}

/// Opens the file, and makes it if it is missing. The tables are made later.
pub(crate) async fn open(file: &Path) -> Result<SqlitePool, Box<dyn std::error::Error>> {
    if file.is_dir() {
        return Err("it is a folder".into());
    }
    let folder = file.parent().unwrap_or(Path::new(""));
    if folder != Path::new("") && !folder.is_dir() {
        return Err(format!("there is no folder {}", folder.display()).into());
    }
    let options = SqliteConnectOptions::new()
        .filename(file)
        .create_if_missing(true);
    let pool = SqlitePool::connect_with(options).await?;
    let is_foreign: bool = sqlx::query_scalar(
        "SELECT count(*) > 0 AND NOT EXISTS (SELECT 1 FROM sqlite_schema WHERE name = 'eventful_log')
         FROM sqlite_schema",
    )
    .fetch_one(&pool)
    .await?;
    if is_foreign {
        return Err("it is the database of another program".into());
    }
    Ok(pool)
}

pub(crate) async fn make_tables(pool: &SqlitePool) -> Result<(), sqlx::Error> {
    for table in [
        "CREATE TABLE IF NOT EXISTS orders (id INTEGER PRIMARY KEY, customer_id INTEGER NOT NULL) STRICT",
        // Nothing here forbids a second reservation of an order. That there is none is due to the transaction.
        "CREATE TABLE IF NOT EXISTS reservations (order_id INTEGER NOT NULL, quantity INTEGER NOT NULL) STRICT",
    ] {
        sqlx::query(table).execute(pool).await?;
    }
    Ok(())
}

/// Places an order: its row and its event are committed together, or neither is.
pub(crate) async fn place(
    pool: &SqlitePool,
    order: &OrderPlaced,
) -> Result<Placed, Box<dyn std::error::Error>> {
    let mut transaction = pool.begin_with("BEGIN IMMEDIATE").await?;
    let inserted =
        sqlx::query("INSERT INTO orders (id, customer_id) VALUES (?, ?) ON CONFLICT DO NOTHING")
            .bind(order.order_id)
            .bind(order.customer_id)
            .execute(&mut *transaction)
            .await?;
    if inserted.rows_affected() == 0 {
        return Ok(Placed::Before);
    }
    order.publish(&mut transaction).await?;
    transaction.commit().await?;
    Ok(Placed::Now)
}

pub(crate) fn read(csv: &Path) -> Result<Vec<OrderPlaced>, String> {
    let rows = csv::Reader::from_path(csv).and_then(|reader| reader.into_deserialize().collect());
    rows.map_err(|error| format!("{}: {error}", csv.display()))
}
