//! Publishes in transactions of diesel-async.

use std::any::Any;

use diesel::data_types::PgTimestamp;
use diesel::result::{DatabaseErrorKind, Error as DieselError};
use diesel::sql_query;
use diesel::sql_types::{Binary, Integer, Nullable, SmallInt, Text, Timestamptz, Uuid};
use diesel_async::{
    AnsiTransactionManager, AsyncPgConnection, RunQueryDsl as _, SimpleAsyncConnection as _,
    TransactionManager as _,
};
use eventful_durable::{Append, AppendError, Appended, Appends, BoxFuture, Timestamp};

use super::super::Postgres;
use super::super::append::{APPEND, SAY, SCHEDULE};
use super::super::columns::{Instant, number};
use super::super::step::words;
use super::super::watch;
use super::{RELEASE, ROLL_BACK, SAVEPOINT, failed, not_appended};

/// Within `connection.transaction(…)`. Handlers that are `in_transaction` are lent the connection, as
/// `&mut AsyncPgConnection`.
///
/// # Examples
///
/// ```
/// use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};
/// use eventful::event;
/// use serde::{Deserialize, Serialize};
///
/// #[event(durable, name = "order.placed")]
/// #[derive(Serialize, Deserialize)]
/// struct OrderPlaced {
///     order_id: i64,
/// }
///
/// type Error = Box<dyn std::error::Error + Send + Sync>;
///
/// async fn place(connection: &mut AsyncPgConnection, order_id: i64) -> Result<(), Error> {
///     let place = async |transaction: &mut AsyncPgConnection| {
///         let row = diesel::sql_query("INSERT INTO orders (id) VALUES ($1)");
///         let row = row.bind::<diesel::sql_types::BigInt, _>(order_id);
///         row.execute(transaction).await?;
///         OrderPlaced { order_id }.publish(transaction).await?;
///         Ok::<_, Error>(())
///     };
///     connection.transaction(place).await
/// }
/// ```
impl Appends<Postgres> for AsyncPgConnection {
    fn append(&mut self, event: Append) -> BoxFuture<'_, Result<Appended, AppendError>> {
        Box::pin(async move {
            require_transaction(self)?;
            let appended = append(self, &event).await?;
            watch::published();
            Ok(appended)
        })
    }

    fn savepoint(&mut self) -> BoxFuture<'_, Result<(), AppendError>> {
        Box::pin(async move {
            require_transaction(self)?;
            run(self, SAVEPOINT).await
        })
    }

    fn release_savepoint(&mut self) -> BoxFuture<'_, Result<(), AppendError>> {
        Box::pin(run(self, RELEASE))
    }

    fn roll_back_to_savepoint(&mut self) -> BoxFuture<'_, Result<(), AppendError>> {
        Box::pin(run(self, ROLL_BACK))
    }

    fn lend(&mut self) -> Option<&mut (dyn Any + Send)> {
        Some(self)
    }
}

fn require_transaction(connection: &mut AsyncPgConnection) -> Result<(), AppendError> {
    let status = AnsiTransactionManager::transaction_manager_status_mut(connection);
    if matches!(status.transaction_depth(), Ok(Some(_))) {
        return Ok(());
    }
    Err(AppendError::new(
        "no transaction of diesel is open on this connection, so that the event could not be committed together with \
         anything: publish within `connection.transaction(async |transaction| { … })`, with `transaction`",
    ))
}

async fn append(
    connection: &mut AsyncPgConnection,
    append: &Append,
) -> Result<Appended, AppendError> {
    let envelope = &append.envelope;
    let not_appended = |error| explain(&envelope.name, error);
    if let Some(word) = &append.once {
        let query = sql_query(SAY)
            .bind::<Text, _>(&envelope.name)
            .bind::<Text, _>(word);
        let said = query.execute(&mut *connection).await;
        if said.map_err(not_appended)? == 0 {
            return Ok(Appended::Before);
        }
    }
    let headers = serde_json::to_string(&envelope.headers)
        .map_err(|error| super::not_appended(&envelope.name, None, error))?;
    let statement = match append.due_at {
        Some(_) => SCHEDULE,
        None => APPEND,
    };
    let query = sql_query(statement)
        .bind::<Uuid, _>(envelope.id)
        .bind::<Text, _>(&envelope.name)
        .bind::<Integer, _>(number(envelope.version))
        .bind::<Nullable<Text>, _>(&envelope.key)
        .bind::<SmallInt, _>(i16::from(envelope.slot))
        .bind::<Binary, _>(&envelope.payload)
        .bind::<Timestamptz, _>(instant(envelope.occurred_at))
        .bind::<Text, _>(headers);
    let appended = match append.due_at {
        Some(due_at) => {
            let query = query.bind::<Timestamptz, _>(instant(due_at));
            query.execute(connection).await
        }
        None => query.execute(connection).await,
    };
    appended.map_err(not_appended)?;
    Ok(Appended::Now)
}

fn instant(instant: Timestamp) -> PgTimestamp {
    PgTimestamp(Instant(instant).micros())
}

/// Diesel passes on a few kinds of errors, and no codes.
fn explain(name: &str, error: DieselError) -> AppendError {
    let code = match &error {
        DieselError::DatabaseError(DatabaseErrorKind::SerializationFailure, _) => "40001",
        DieselError::DatabaseError(DatabaseErrorKind::ReadOnlyTransaction, _) => "25006",
        _ => "",
    };
    not_appended(name, words(code, ""), error)
}

async fn run(
    connection: &mut AsyncPgConnection,
    statement: &'static str,
) -> Result<(), AppendError> {
    let done = connection.batch_execute(statement).await;
    done.map_err(|error| failed(statement, error))
}
