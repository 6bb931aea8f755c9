//! Durable publishes in a program's own transactions.

use std::any::Any;
use std::panic::Location;

use eventful_durable::{Append, AppendError, Appended, Appends, BoxFuture, DurableEvent};
use sqlx::{Connection, Sqlite as Database, SqliteConnection, Transaction};

use super::Sqlite;
use super::append::append;
use super::columns::now;
use super::step::{Failure, advice};
use super::watch;

/// A transaction of sqlx on SQLite, as a pool begins it.
pub type SqliteTransaction = Transaction<'static, Database>;

impl Appends<Sqlite> for SqliteConnection {
    fn append(&mut self, event: Append) -> BoxFuture<'_, Result<Appended, AppendError>> {
        Box::pin(async move {
            require_transaction(self)?;
            let name = event.envelope.name.clone();
            let appended = append(self, &event, now()).await;
            let appended = appended.map_err(|failure| not_appended(&name, failure))?;
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
    match failure {
        Failure::Store(error) => {
            AppendError::new(format!("`{name}` cannot be appended")).caused_by(error)
        }
        Failure::Sql(error) => {
            let message = match advice(&error) {
                Some(advice) => format!("`{name}` cannot be appended: {advice}"),
                None => format!("`{name}` cannot be appended"),
            };
            AppendError::new(message).caused_by(error)
        }
    }
}
