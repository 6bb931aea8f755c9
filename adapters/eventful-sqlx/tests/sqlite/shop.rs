//! A shop whose orders are in the file of its events.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use eventful::durable::{AppendError, HandlerError, Worker};
use eventful::store::Sqlite;
use eventful::{Bus, event, handler};
use serde::{Deserialize, Serialize};
use sqlx::{SqliteConnection, SqlitePool};

use crate::support::TestFile;

#[event(durable, name = "order.placed", key = customer)]
#[derive(Serialize, Deserialize)]
pub(crate) struct OrderPlaced {
    pub(crate) order_id: i64,
    pub(crate) customer: String,
}

#[event(durable, name = "stock.reserved")]
#[derive(Serialize, Deserialize)]
pub(crate) struct StockReserved {
    pub(crate) order_id: i64,
}

/// The lines that handlers write.
#[derive(Clone, Default)]
pub(crate) struct Lines(Arc<Mutex<Vec<String>>>);

impl Lines {
    pub(crate) fn push(&self, line: String) {
        self.0
            .lock()
            .expect("no test panics while it holds the lock")
            .push(line);
    }

    pub(crate) fn take(&self) -> Vec<String> {
        std::mem::take(
            &mut *self
                .0
                .lock()
                .expect("no test panics while it holds the lock"),
        )
    }
}

/// The number of attempts of [`mail`] that still fail.
#[derive(Clone, Default)]
pub(crate) struct Outage(Arc<AtomicU32>);

impl Outage {
    pub(crate) fn of(attempts: u32) -> Self {
        Self(Arc::new(AtomicU32::new(attempts)))
    }
}

#[handler(OrderPlaced, id = "shop.mail")]
async fn mail(event: &OrderPlaced, lines: &Lines, outage: &Outage) -> Result<(), HandlerError> {
    let left = outage.0.load(Ordering::Relaxed);
    if left > 0 {
        outage.0.store(left - 1, Ordering::Relaxed);
        return Err(HandlerError::retry_in(
            Duration::from_millis(20),
            "no mail server",
        ));
    }
    lines.push(format!("mail {}", event.order_id));
    Ok(())
}

#[handler(OrderPlaced, id = "shop.reserve")]
async fn reserve(
    event: &OrderPlaced,
    file: &mut SqliteConnection,
) -> Result<StockReserved, sqlx::Error> {
    sqlx::query("INSERT INTO stock (order_id) VALUES (?)")
        .bind(event.order_id)
        .execute(file)
        .await?;
    Ok(StockReserved {
        order_id: event.order_id,
    })
}

#[handler(OrderPlaced, in_transaction)]
async fn limit(event: &OrderPlaced, file: &mut SqliteConnection) -> Result<(), String> {
    let orders: i64 = sqlx::query_scalar("SELECT count(*) FROM orders WHERE customer = ?")
        .bind(&event.customer)
        .fetch_one(file)
        .await
        .map_err(|error| error.to_string())?;
    match orders {
        0..=3 => Ok(()),
        _ => Err(format!("{} has enough", event.customer)),
    }
}

#[handler(StockReserved, id = "shop.pick")]
async fn pick(event: &StockReserved, lines: &Lines) {
    lines.push(format!("pick {}", event.order_id));
}

/// A shop in a file of its own.
pub(crate) struct Shop {
    pub(crate) file: TestFile,
    pub(crate) lines: Lines,
    pub(crate) bus: Bus,
}

impl Shop {
    pub(crate) async fn open(outage: Outage) -> Self {
        let file = TestFile::migrated().await;
        for table in [
            "CREATE TABLE orders (id INTEGER PRIMARY KEY, customer TEXT NOT NULL)",
            "CREATE TABLE stock (order_id INTEGER PRIMARY KEY)",
        ] {
            sqlx::query(table)
                .execute(&file.pool)
                .await
                .expect("the table can be made");
        }
        let lines = Lines::default();
        let builder = Bus::isolated()
            .with(mail)
            .with(reserve)
            .with(limit)
            .with(pick);
        let bus = builder.provide(lines.clone()).provide(outage).build();
        Self {
            file,
            lines,
            bus: bus.expect("the bus can be built"),
        }
    }

    pub(crate) async fn worker(&self) -> Worker {
        let worker = Worker::builder(&self.bus, self.file.store()).build().await;
        worker.expect("the worker can be built")
    }

    pub(crate) async fn place(&self, order_id: i64, customer: &str) -> Result<(), AppendError> {
        place(&self.bus, &self.file.pool, order_id, customer).await
    }

    pub(crate) async fn count(&self, statement: &'static str) -> i64 {
        let count = sqlx::query_scalar(statement)
            .fetch_one(&self.file.pool)
            .await;
        count.expect("the file can be read")
    }
}

/// Places an order: its row and its event in one transaction.
pub(crate) async fn place(
    bus: &Bus,
    pool: &SqlitePool,
    order_id: i64,
    customer: &str,
) -> Result<(), AppendError> {
    let sql = |error: sqlx::Error| AppendError::new("the order cannot be written").caused_by(error);
    let mut transaction = pool.begin_with("BEGIN IMMEDIATE").await.map_err(sql)?;
    sqlx::query("INSERT INTO orders (id, customer) VALUES (?, ?)")
        .bind(order_id)
        .bind(customer)
        .execute(&mut *transaction)
        .await
        .map_err(sql)?;
    let event = OrderPlaced {
        order_id,
        customer: customer.to_owned(),
    };
    bus.scope_async(event.publish::<Sqlite, _>(&mut transaction))
        .await?;
    transaction.commit().await.map_err(sql)
}
