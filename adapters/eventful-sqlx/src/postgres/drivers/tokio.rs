//! Publishes in transactions of tokio-postgres.

use std::any::Any;

use eventful_durable::{Append, AppendError, Appended, Appends, BoxFuture};
use tokio_postgres::types::{ToSql, Type};
use tokio_postgres::{Error as DriverError, Transaction};

use super::super::Postgres;
use super::super::append::{APPEND, SAY, SCHEDULE};
use super::super::columns::number;
use super::super::step::words;
use super::super::watch;
use super::{RELEASE, ROLL_BACK, SAVEPOINT, failed, not_appended};

/// A publish takes one round trip, and its statement has no name, so that it works behind PgBouncer, too. Handlers that
/// are `in_transaction` are lent nothing: this type borrows its connection.
///
/// # Examples
///
/// ```
/// use eventful::event;
/// use serde::{Deserialize, Serialize};
///
/// #[event(durable, name = "order.placed")]
/// #[derive(Serialize, Deserialize)]
/// struct OrderPlaced {
///     order_id: i64,
/// }
///
/// async fn place(
///     client: &mut tokio_postgres::Client,
///     order_id: i64,
/// ) -> Result<(), Box<dyn std::error::Error>> {
///     let mut transaction = client.transaction().await?;
///     transaction.execute("INSERT INTO orders (id) VALUES ($1)", &[&order_id]).await?;
///     OrderPlaced { order_id }.publish(&mut transaction).await?;
///     transaction.commit().await?;
///     Ok(())
/// }
/// ```
impl Appends<Postgres> for Transaction<'_> {
    fn append(&mut self, event: Append) -> BoxFuture<'_, Result<Appended, AppendError>> {
        Box::pin(async move {
            let appended = append(self, &event).await?;
            watch::published();
            Ok(appended)
        })
    }

    fn savepoint(&mut self) -> BoxFuture<'_, Result<(), AppendError>> {
        Box::pin(run(self, SAVEPOINT))
    }

    fn release_savepoint(&mut self) -> BoxFuture<'_, Result<(), AppendError>> {
        Box::pin(run(self, RELEASE))
    }

    fn roll_back_to_savepoint(&mut self) -> BoxFuture<'_, Result<(), AppendError>> {
        Box::pin(run(self, ROLL_BACK))
    }

    fn lend(&mut self) -> Option<&mut (dyn Any + Send)> {
        None
    }
}

async fn append(transaction: &Transaction<'_>, append: &Append) -> Result<Appended, AppendError> {
    let envelope = &append.envelope;
    let not_appended = |error| explain(&envelope.name, error);
    let (version, slot) = (number(envelope.version), i16::from(envelope.slot));
    let headers = serde_json::to_string(&envelope.headers)
        .map_err(|error| super::not_appended(&envelope.name, None, error))?;
    let mut binds: Vec<(&(dyn ToSql + Sync), Type)> = vec![
        (&envelope.id, Type::UUID),
        (&envelope.name, Type::TEXT),
        (&version, Type::INT4),
        (&envelope.key, Type::TEXT),
        (&slot, Type::INT2),
        (&envelope.payload, Type::BYTEA),
        (&envelope.occurred_at, Type::TIMESTAMPTZ),
        (&headers, Type::TEXT),
    ];
    if let Some(word) = &append.once {
        let word: [(&(dyn ToSql + Sync), Type); 2] =
            [(&envelope.name, Type::TEXT), (word, Type::TEXT)];
        let said = transaction.execute_typed(SAY, &word).await;
        if said.map_err(not_appended)? == 0 {
            return Ok(Appended::Before);
        }
    }
    let statement = match &append.due_at {
        Some(due_at) => {
            binds.push((due_at, Type::TIMESTAMPTZ));
            SCHEDULE
        }
        None => APPEND,
    };
    let appended = transaction.execute_typed(statement, &binds).await;
    appended.map_err(not_appended)?;
    Ok(Appended::Now)
}

fn explain(name: &str, error: DriverError) -> AppendError {
    let database = error.as_db_error();
    let advice = database.and_then(|it| words(it.code().code(), it.message()));
    not_appended(name, advice, error)
}

async fn run(transaction: &Transaction<'_>, statement: &'static str) -> Result<(), AppendError> {
    let done = transaction.batch_execute(statement).await;
    done.map_err(|error| failed(statement, error))
}
