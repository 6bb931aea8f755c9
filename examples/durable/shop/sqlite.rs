//! The shop in a file of SQLite.

use std::error::Error;
use std::path::{Path, PathBuf};

use eventful::handler;
use eventful::store::Sqlite;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{SqliteConnection, SqlitePool};

use super::{OrderPlaced, Placed, Rows, Shop};
use crate::handlers::{Crash, reserved};

pub(crate) struct SqliteShop {
    file: PathBuf,
    pool: SqlitePool,
    store: Sqlite,
}

impl SqliteShop {
    /// Opens the file, and makes it if it is missing.
    pub(crate) async fn open(file: &Path) -> Result<Self, Box<dyn Error>> {
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
        Ok(Self {
            file: file.to_owned(),
            store: Sqlite::new(pool.clone()),
            pool,
        })
    }
}

impl Shop for SqliteShop {
    type Store = Sqlite;

    fn store(&self) -> &Sqlite {
        &self.store
    }

    async fn make_tables(&self) -> Result<(), Box<dyn Error>> {
        self.store.migrate().await?;
        for table in [
            "CREATE TABLE IF NOT EXISTS orders (id INTEGER PRIMARY KEY, customer_id INTEGER NOT NULL) STRICT",
            // Nothing here forbids a second reservation of an order. That there is none is due to the transaction.
            "CREATE TABLE IF NOT EXISTS reservations (order_id INTEGER NOT NULL, quantity INTEGER NOT NULL) STRICT",
        ] {
            sqlx::query(table).execute(&self.pool).await?;
        }
        Ok(())
    }

    async fn place(&self, order: &OrderPlaced) -> Result<Placed, Box<dyn Error>> {
        let mut transaction = self.pool.begin_with("BEGIN IMMEDIATE").await?;
        let inserted = sqlx::query(
            "INSERT INTO orders (id, customer_id) VALUES (?, ?) ON CONFLICT DO NOTHING",
        )
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

    async fn rows(&self) -> Result<Rows, sqlx::Error> {
        let orders = sqlx::query_scalar("SELECT count(*) FROM orders");
        let reservations =
            sqlx::query_as("SELECT order_id, count(*) FROM reservations GROUP BY order_id");
        Ok(Rows {
            orders: orders.fetch_one(&self.pool).await?,
            reservations: reservations.fetch_all(&self.pool).await?,
        })
    }

    async fn close(self) -> String {
        self.store.close().await;
        self.pool.close().await;
        format!("delete the files {}*", self.file.display())
    }
}

/// An effect in the file of the events: row and acknowledgement are committed together, or neither is.
#[handler(OrderPlaced, id = "stock.reserve")]
pub(crate) async fn reserve(
    event: &OrderPlaced,
    connection: &mut SqliteConnection,
    crash: &Crash,
) -> Result<(), sqlx::Error> {
    sqlx::query("INSERT INTO reservations (order_id, quantity) VALUES (?, ?)")
        .bind(event.order_id)
        .bind(event.quantity)
        .execute(connection)
        .await?;
    reserved(event, crash);
    Ok(())
}
