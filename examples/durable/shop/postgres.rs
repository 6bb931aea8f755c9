//! The shop in a database of PostgreSQL, where several processes may run at once.

use std::error::Error;

use eventful::handler;
use eventful::store::Postgres;
use sqlx::{PgConnection, PgPool};

use super::{OrderPlaced, Placed, Rows, Shop};
use crate::handlers::{Crash, reserved};

pub(crate) struct PostgresShop {
    pool: PgPool,
    store: Postgres,
}

impl PostgresShop {
    pub(crate) async fn connect(url: &str) -> Result<Self, sqlx::Error> {
        let pool = PgPool::connect(url).await?;
        let store = Postgres::new(pool.clone());
        Ok(Self { pool, store })
    }
}

/// In a schema of their own, beside the tables of whoever owns the database. Two processes that begin at once
/// take turns.
const TABLES: &str = "
    BEGIN;
    SELECT pg_advisory_xact_lock(hashtextextended('durable_example', 0));
    CREATE SCHEMA IF NOT EXISTS durable_example;
    CREATE TABLE IF NOT EXISTS durable_example.orders (id bigint PRIMARY KEY, customer_id bigint NOT NULL);
    -- Nothing here forbids a second reservation of an order. That there is none is due to the transaction.
    CREATE TABLE IF NOT EXISTS durable_example.reservations (order_id bigint NOT NULL, quantity bigint NOT NULL);
    COMMIT";

impl Shop for PostgresShop {
    type Store = Postgres;

    fn store(&self) -> &Postgres {
        &self.store
    }

    async fn make_tables(&self) -> Result<(), Box<dyn Error>> {
        self.store.migrate().await?;
        sqlx::raw_sql(TABLES).execute(&self.pool).await?;
        Ok(())
    }

    async fn place(&self, order: &OrderPlaced) -> Result<Placed, Box<dyn Error>> {
        let mut transaction = self.pool.begin().await?;
        // It waits for another process that is placing the same order.
        let inserted = sqlx::query(
            "INSERT INTO durable_example.orders (id, customer_id) VALUES ($1, $2) ON CONFLICT DO NOTHING",
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
        let orders = sqlx::query_scalar("SELECT count(*) FROM durable_example.orders");
        let reservations = sqlx::query_as(
            "SELECT order_id, count(*) FROM durable_example.reservations GROUP BY order_id ORDER BY 1",
        );
        Ok(Rows {
            orders: orders.fetch_one(&self.pool).await?,
            reservations: reservations.fetch_all(&self.pool).await?,
        })
    }

    async fn close(self) -> String {
        self.store.close().await;
        self.pool.close().await;
        "run `DROP SCHEMA eventful, durable_example CASCADE`, and delete the files with mails and audit"
            .to_owned()
    }
}

/// An effect in the database of the events: row and acknowledgement are committed together, or neither is.
#[handler(OrderPlaced, id = "stock.reserve")]
pub(crate) async fn reserve(
    event: &OrderPlaced,
    connection: &mut PgConnection,
    crash: &Crash,
) -> Result<(), sqlx::Error> {
    sqlx::query("INSERT INTO durable_example.reservations (order_id, quantity) VALUES ($1, $2)")
        .bind(event.order_id)
        .bind(event.quantity)
        .execute(connection)
        .await?;
    reserved(event, crash);
    Ok(())
}
