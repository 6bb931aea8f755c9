//! A database with the tables of a store, and what tests do with it.

use std::error::Error;
use std::sync::{Arc, Mutex};

use eventful::Bus;
use eventful::durable::{Worker, WorkerBuildError};
use eventful::store::Postgres;
use sqlx::postgres::PgRow;
use sqlx::{AssertSqlSafe, PgPool, Row};

use crate::server::TestDatabase;

/// A database in which the tables are. `None` if there is no server: then the test has to return.
pub(crate) async fn migrated() -> Option<TestDatabase> {
    let database = TestDatabase::create().await?;
    let store = Postgres::new(database.pool.clone());
    store.migrate().await.expect("the database can be migrated");
    store.close().await;
    Some(database)
}

/// The text of an error with its sources.
pub(crate) fn text(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        text = format!("{text}: {error}");
        source = error.source();
    }
    text
}

pub(crate) async fn build(bus: &Bus, pool: &PgPool) -> Result<Worker, WorkerBuildError> {
    Worker::builder(bus, Postgres::new(pool.clone()))
        .build()
        .await
}

/// Delivers all that is there.
pub(crate) async fn deliver(bus: &Bus, pool: &PgPool) {
    let worker = build(bus, pool).await.expect("the worker can be built");
    worker.run_until_idle().await.expect("the store works");
}

pub(crate) async fn run(pool: &PgPool, statements: &str) {
    let done = sqlx::raw_sql(AssertSqlSafe(statements)).execute(pool).await;
    done.unwrap_or_else(|error| panic!("{statements}: {error}"));
}

/// The rows of a query, as text.
pub(crate) async fn rows(pool: &PgPool, query: &str) -> Vec<String> {
    // Without binds, each column comes as text.
    let rows = sqlx::raw_sql(AssertSqlSafe(query)).fetch_all(pool).await;
    let text = |row: PgRow| {
        let columns = (0..row.len()).map(|column| {
            let text = row.try_get_unchecked::<Option<String>, _>(column);
            text.expect("it is text").unwrap_or("NULL".to_owned())
        });
        columns.collect::<Vec<_>>().join(" ")
    };
    let rows = rows.unwrap_or_else(|error| panic!("{query}: {error}"));
    rows.into_iter().map(text).collect()
}

/// The numbers that a handler was given.
#[derive(Clone, Default)]
pub(crate) struct Heard(Arc<Mutex<Vec<i64>>>);

impl Heard {
    pub(crate) fn push(&self, number: i64) {
        self.numbers().push(number);
    }

    /// The numbers, in the order in which they came.
    pub(crate) fn all(&self) -> Vec<i64> {
        self.numbers().clone()
    }

    fn numbers(&self) -> std::sync::MutexGuard<'_, Vec<i64>> {
        let numbers = self.0.lock();
        numbers.expect("no test panics while it holds the lock")
    }
}
