//! Durable publishes in a program's own transactions.

use std::any::Any;
use std::panic::Location;

use eventful_durable::{Append, AppendError, Appended, Appends, BoxFuture, DurableEvent};
use sqlx::{Connection, Sqlite as Database, SqliteConnection, Transaction};

use super::Sqlite;
use super::append::append;
use super::columns::now;
use super::step::{advice, is_locked};
use super::watch;
use crate::failure::Failure;

/// A transaction of sqlx on SQLite, as a pool begins it.
///
/// # Examples
///
/// ```
/// use eventful::event;
/// use eventful::store::SqliteTransaction;
/// use serde::{Deserialize, Serialize};
///
/// #[event(durable, name = "order.placed")]
/// #[derive(Serialize, Deserialize)]
/// struct OrderPlaced {
///     order_id: i64,
/// }
///
/// // The caller commits.
/// async fn place(
///     transaction: &mut SqliteTransaction,
///     order_id: i64,
/// ) -> Result<(), Box<dyn std::error::Error>> {
///     let row = sqlx::query("INSERT INTO orders (id) VALUES (?)").bind(order_id);
///     row.execute(&mut **transaction).await?;
///     OrderPlaced { order_id }.publish(transaction).await?;
///     Ok(())
/// }
/// # #[tokio::main]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let folder = tempfile::tempdir()?;
/// # let options = sqlx::sqlite::SqliteConnectOptions::new().filename(folder.path().join("shop.db"));
/// # let pool = sqlx::SqlitePool::connect_with(options.create_if_missing(true)).await?;
/// # eventful::store::Sqlite::new(pool.clone()).migrate().await?;
/// # sqlx::query("CREATE TABLE orders (id INTEGER)").execute(&pool).await?;
/// # let mut transaction = pool.begin_with("BEGIN IMMEDIATE").await?;
/// # place(&mut transaction, 7).await?;
/// # transaction.commit().await?;
/// # Ok(())
/// # }
/// ```
pub type SqliteTransaction = Transaction<'static, Database>;

/// The reasons for which the transaction of a program does not get the lock. SQLite has one code for both.
const LOCKED: &str = "another connection has kept the file locked for longer than the `busy_timeout`; or this \
    transaction has read before it wrote, and then it does not wait at all: begin it with \
    `pool.begin_with(\"BEGIN IMMEDIATE\")`";

impl Appends<Sqlite> for SqliteConnection {
    fn append(&mut self, event: Append) -> BoxFuture<'_, Result<Appended, AppendError>> {
        Box::pin(async move {
            require_transaction(self)?;
            let name = event.envelope.name.clone();
            let appended = append(self, &event, now()).await;
            let appended = appended.map_err(|failure| match failure {
                Failure::Sql(error) if is_locked(&error) => {
                    let message = format!("`{name}` cannot be appended: {LOCKED}");
                    AppendError::new(message).caused_by(error)
                }
                failure => not_appended(&name, failure),
            })?;
            watch::published();
            Ok(appended)
        })
    }

    fn savepoint(&mut self) -> BoxFuture<'_, Result<(), AppendError>> {
        Box::pin(async move {
            require_transaction(self)?;
            run(self, "SAVEPOINT eventful_publish").await
        })
    }

    fn release_savepoint(&mut self) -> BoxFuture<'_, Result<(), AppendError>> {
        Box::pin(run(self, "RELEASE eventful_publish"))
    }

    fn roll_back_to_savepoint(&mut self) -> BoxFuture<'_, Result<(), AppendError>> {
        Box::pin(async move {
            run(self, "ROLLBACK TO eventful_publish").await?;
            run(self, "RELEASE eventful_publish").await
        })
    }

    fn lend(&mut self) -> Option<&mut (dyn Any + Send)> {
        Some(self)
    }
}

impl Appends<Sqlite> for Transaction<'_, Database> {
    fn append(&mut self, event: Append) -> BoxFuture<'_, Result<Appended, AppendError>> {
        Appends::append(&mut **self, event)
    }

    fn savepoint(&mut self) -> BoxFuture<'_, Result<(), AppendError>> {
        Appends::savepoint(&mut **self)
    }

    fn release_savepoint(&mut self) -> BoxFuture<'_, Result<(), AppendError>> {
        Appends::release_savepoint(&mut **self)
    }

    fn roll_back_to_savepoint(&mut self) -> BoxFuture<'_, Result<(), AppendError>> {
        Appends::roll_back_to_savepoint(&mut **self)
    }

    fn lend(&mut self) -> Option<&mut (dyn Any + Send)> {
        Appends::lend(&mut **self)
    }
}

impl Sqlite {
    /// Publishes an event in a transaction of its own, on a connection of the program's pool.
    ///
    /// Handlers that are `in_transaction` run in it. When this returns `Ok`, the event is in the log.
    ///
    /// # Errors
    ///
    /// If no connection is free, the file cannot be written, or a handler in the transaction fails. Nothing is appended
    /// then. If the commit itself fails, it is not known.
    ///
    /// # Examples
    ///
    /// ```
    /// use eventful::event;
    /// use eventful::store::Sqlite;
    /// use serde::{Deserialize, Serialize};
    /// # use sqlx::sqlite::{SqliteConnectOptions, SqlitePool};
    ///
    /// #[event(durable, name = "report.due")]
    /// #[derive(Serialize, Deserialize)]
    /// struct ReportDue;
    ///
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let folder = tempfile::tempdir()?;
    /// # let file = folder.path().join("shop.db");
    /// # let options = SqliteConnectOptions::new().filename(file).create_if_missing(true);
    /// # let pool = SqlitePool::connect_with(options).await?;
    /// # let store = Sqlite::new(pool.clone());
    /// # store.migrate().await?;
    /// store.publish(&ReportDue).await?; // with nothing else to commit
    ///
    /// let events: i64 = sqlx::query_scalar("SELECT count(*) FROM eventful_events").fetch_one(&pool).await?;
    /// assert_eq!(events, 1);
    /// # Ok(())
    /// # }
    /// ```
    #[track_caller]
    pub fn publish<'a, E: DurableEvent>(
        &'a self,
        event: &'a E,
    ) -> impl Future<Output = Result<(), AppendError>> + Send + 'a {
        let published_at = Location::caller();
        async move {
            let begun = self.inner.pool.begin_with("BEGIN IMMEDIATE").await;
            let mut transaction = begun.map_err(|error| not_appended(E::NAME, error.into()))?;
            eventful_durable::__private::publish_at::<E, Self, _>(
                event,
                &mut transaction,
                published_at,
            )
            .await?;
            let committed = transaction.commit().await;
            committed.map_err(|error| not_appended(E::NAME, error.into()))?;
            self.inner.bell.ring();
            Ok(())
        }
    }
}

fn require_transaction(connection: &SqliteConnection) -> Result<(), AppendError> {
    if connection.is_in_transaction() {
        return Ok(());
    }
    Err(AppendError::new(
        "no transaction is open on this connection, so that the event could not be committed together with anything: \
         begin one with `pool.begin_with(\"BEGIN IMMEDIATE\")`, publish with `&mut transaction`, and commit it; or use \
         `store.publish(&event)`",
    ))
}

async fn run(
    connection: &mut SqliteConnection,
    statement: &'static str,
) -> Result<(), AppendError> {
    let done = sqlx::query(statement).execute(connection).await;
    done.map(drop).map_err(|error| {
        let message = format!("`{statement}` failed in the transaction of a publish");
        AppendError::new(message).caused_by(error)
    })
}

pub(super) fn not_appended(name: &str, failure: Failure) -> AppendError {
    failure.of_append(name, advice)
}
