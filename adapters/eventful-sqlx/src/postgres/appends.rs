//! Durable publishes in a program's own transactions.

use std::any::Any;
use std::panic::Location;

use eventful_durable::{Append, AppendError, Appended, Appends, BoxFuture, DurableEvent};
use sqlx::{Connection, Executor as _, PgConnection, Postgres as Database, Transaction};

use super::Postgres;
use super::append::append;
use super::session::{Session, Statements};
use super::step::advice;
use super::watch;
use crate::failure::Failure;

/// A transaction of sqlx on PostgreSQL, as a pool begins it.
///
/// # Examples
///
/// ```
/// use eventful::event;
/// use eventful::store::PostgresTransaction;
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
///     transaction: &mut PostgresTransaction,
///     order_id: i64,
/// ) -> Result<(), Box<dyn std::error::Error>> {
///     let row = sqlx::query("INSERT INTO orders (id) VALUES ($1)").bind(order_id);
///     row.execute(&mut **transaction).await?;
///     OrderPlaced { order_id }.publish(transaction).await?;
///     Ok(())
/// }
/// ```
pub type PostgresTransaction = Transaction<'static, Database>;

/// A connection behind PgBouncer in its transaction mode, where prepared statements have no name: to publish with.
///
/// Each statement is prepared anew, so that a publish takes one more round trip.
///
/// # Examples
///
/// ```
/// use eventful::durable::AppendError;
/// use eventful::event;
/// use eventful::store::{PostgresTransaction, Unnamed};
/// use serde::{Deserialize, Serialize};
///
/// #[event(durable, name = "order.placed")]
/// #[derive(Serialize, Deserialize)]
/// struct OrderPlaced {
///     order_id: i64,
/// }
///
/// async fn place(transaction: &mut PostgresTransaction, order_id: i64) -> Result<(), AppendError> {
///     OrderPlaced { order_id }.publish(&mut Unnamed(transaction)).await
/// }
/// ```
#[derive(Debug)]
pub struct Unnamed<'c>(pub &'c mut PgConnection);

impl Appends<Postgres> for PgConnection {
    fn append(&mut self, event: Append) -> BoxFuture<'_, Result<Appended, AppendError>> {
        Box::pin(append_on(self, event, Statements::Named))
    }

    fn savepoint(&mut self) -> BoxFuture<'_, Result<(), AppendError>> {
        Box::pin(async move {
            require_transaction(self)?;
            run(self, "SAVEPOINT eventful_publish").await
        })
    }

    fn release_savepoint(&mut self) -> BoxFuture<'_, Result<(), AppendError>> {
        Box::pin(run(self, "RELEASE SAVEPOINT eventful_publish"))
    }

    fn roll_back_to_savepoint(&mut self) -> BoxFuture<'_, Result<(), AppendError>> {
        Box::pin(async move {
            run(self, "ROLLBACK TO SAVEPOINT eventful_publish").await?;
            run(self, "RELEASE SAVEPOINT eventful_publish").await
        })
    }

    fn lend(&mut self) -> Option<&mut (dyn Any + Send)> {
        Some(self)
    }
}

/// Passes everything but the append on to the connection.
macro_rules! appends_as_its_connection {
    ($type:ty, $append:expr, |$this:ident| $connection:expr) => {
        impl Appends<Postgres> for $type {
            fn append(&mut self, event: Append) -> BoxFuture<'_, Result<Appended, AppendError>> {
                let $this = self;
                Box::pin(append_on($connection, event, $append))
            }

            fn savepoint(&mut self) -> BoxFuture<'_, Result<(), AppendError>> {
                let $this = self;
                Appends::savepoint($connection)
            }

            fn release_savepoint(&mut self) -> BoxFuture<'_, Result<(), AppendError>> {
                let $this = self;
                Appends::release_savepoint($connection)
            }

            fn roll_back_to_savepoint(&mut self) -> BoxFuture<'_, Result<(), AppendError>> {
                let $this = self;
                Appends::roll_back_to_savepoint($connection)
            }

            fn lend(&mut self) -> Option<&mut (dyn Any + Send)> {
                let $this = self;
                Appends::lend($connection)
            }
        }
    };
}

appends_as_its_connection!(Transaction<'_, Database>, Statements::Named, |this| {
    &mut **this
});
appends_as_its_connection!(Unnamed<'_>, Statements::Unnamed, |this| &mut *this.0);

impl Postgres {
    /// Publishes an event in a transaction of its own, on a connection of the program's pool.
    ///
    /// Handlers that are `in_transaction` run in it. When this returns `Ok`, the event is in the log.
    ///
    /// # Errors
    ///
    /// If no connection is free, the server cannot be reached, or a handler in the transaction fails. Nothing is
    /// appended then. If the commit itself fails, it is not known.
    ///
    /// # Examples
    ///
    /// ```
    /// use eventful::durable::AppendError;
    /// use eventful::event;
    /// use eventful::store::Postgres;
    /// use serde::{Deserialize, Serialize};
    ///
    /// #[event(durable, name = "report.due")]
    /// #[derive(Serialize, Deserialize)]
    /// struct ReportDue;
    ///
    /// async fn request_report(store: &Postgres) -> Result<(), AppendError> {
    ///     store.publish(&ReportDue).await // with nothing else to commit
    /// }
    /// ```
    #[track_caller]
    pub fn publish<'a, E: DurableEvent>(
        &'a self,
        event: &'a E,
    ) -> impl Future<Output = Result<(), AppendError>> + Send + 'a {
        let published_at = Location::caller();
        async move {
            let not_appended = |error: sqlx::Error| Failure::from(error).of_append(E::NAME, advice);
            let mut transaction = self.inner.pool.begin().await.map_err(not_appended)?;
            match self.inner.statements {
                Statements::Named => {
                    publish_at(event, &mut transaction, published_at).await?;
                }
                Statements::Unnamed => {
                    publish_at(event, &mut Unnamed(&mut transaction), published_at).await?;
                }
            }
            transaction.commit().await.map_err(not_appended)?;
            self.inner.bell.ring();
            Ok(())
        }
    }
}

async fn publish_at<E: DurableEvent, C: Appends<Postgres> + Send>(
    event: &E,
    into: &mut C,
    published_at: &'static Location<'static>,
) -> Result<(), AppendError> {
    eventful_durable::__private::publish_at::<E, Postgres, _>(event, into, published_at).await
}

async fn append_on(
    connection: &mut PgConnection,
    event: Append,
    statements: Statements,
) -> Result<Appended, AppendError> {
    require_transaction(connection)?;
    let mut session = Session::new(connection, statements);
    let appended = append(&mut session, &event).await;
    let appended = appended.map_err(|failure| failure.of_append(&event.envelope.name, advice))?;
    watch::published();
    Ok(appended)
}

fn require_transaction(connection: &PgConnection) -> Result<(), AppendError> {
    if connection.is_in_transaction() {
        return Ok(());
    }
    Err(AppendError::new(
        "no transaction is open on this connection, so that the event could not be committed together with anything: \
         begin one with `pool.begin()`, publish with `&mut transaction`, and commit it; or use `store.publish(&event)`",
    ))
}

async fn run(connection: &mut PgConnection, statement: &'static str) -> Result<(), AppendError> {
    let done = connection.execute(statement).await;
    done.map(drop).map_err(|error| {
        let message = format!("`{statement}` failed in the transaction of a publish");
        AppendError::new(message).caused_by(error)
    })
}
