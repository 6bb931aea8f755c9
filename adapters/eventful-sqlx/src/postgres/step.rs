//! The steps of the store: connections to take them on, and errors that say which one failed.

use std::future::Future;
use std::time::Duration;

use eventful_durable::store::{StoreError, StoreResult};
use sqlx::pool::PoolConnection;
use sqlx::{PgPool, Postgres as Database, Transaction};
use tokio::time::timeout;

use super::Inner;
use super::session::{BEGIN, Session, Statements};
use crate::failure::{Failure, Outcome};

/// The time after which an answer is not waited for any more: the server may have gone without a word.
const NO_ANSWER: Duration = Duration::from_secs(70);

/// A connection of the store's own.
pub(super) struct Own {
    connection: PoolConnection<Database>,
    statements: Statements,
}

/// A transaction of several statements. The server ends it by itself if its worker is stopped within it.
pub(super) struct Write {
    transaction: Transaction<'static, Database>,
    statements: Statements,
}

impl Own {
    pub(super) fn session(&mut self) -> Session<'_> {
        Session::new(&mut self.connection, self.statements)
    }
}

impl Write {
    pub(super) fn session(&mut self) -> Session<'_> {
        Session::new(&mut self.transaction, self.statements)
    }

    pub(super) async fn commit(self) -> Outcome<()> {
        Ok(self.transaction.commit().await?)
    }
}

impl Inner {
    /// A connection whose commits a crash of the server may take back.
    pub(super) async fn quick(&self) -> Outcome<Own> {
        self.own(&self.quick).await
    }

    /// A connection whose commits are on the disk.
    pub(super) async fn safe(&self) -> Outcome<Own> {
        self.own(&self.safe).await
    }

    /// The connection for renewals.
    pub(super) async fn renewals(&self) -> Outcome<Own> {
        self.own(&self.renewals).await
    }

    async fn own(&self, pool: &PgPool) -> Outcome<Own> {
        Ok(Own {
            connection: pool.acquire().await?,
            statements: self.statements,
        })
    }

    /// Begins a transaction whose commit is on the disk.
    pub(super) async fn write(&self) -> Outcome<Write> {
        Ok(Write {
            transaction: self.safe.begin_with(BEGIN).await?,
            statements: self.statements,
        })
    }

    /// Begins a transaction that sees one instant.
    pub(super) async fn snapshot(&self) -> Outcome<Write> {
        let begin = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
        Ok(Write {
            transaction: self.quick.begin_with(begin).await?,
            statements: self.statements,
        })
    }
}

/// A step, and its name for people: "cannot `what`: …".
pub(super) fn step<'a, T: Send + 'a>(
    what: &'static str,
    step: impl Future<Output = Outcome<T>> + Send + 'a,
) -> StoreResult<'a, T> {
    Box::pin(async move {
        let Ok(done) = timeout(NO_ANSWER, step).await else {
            let text = format!(
                "cannot {what}: the server has not answered for {} seconds",
                NO_ANSWER.as_secs()
            );
            return Err(StoreError::failed(text));
        };
        done.map_err(|failure| explain(failure, what))
    })
}

/// The error of a step with this name.
pub(super) fn explain(failure: Failure, what: &str) -> StoreError {
    failure.of(what, advice)
}

/// Says in words what is behind an error, where a person can do something about it.
pub(super) fn advice(error: &sqlx::Error) -> Option<String> {
    let database = match error {
        sqlx::Error::Database(database) => database,
        // sqlx tries a server again that refuses connections: it might be starting.
        sqlx::Error::PoolTimedOut => {
            return Some(
                "there was no connection in time: no server answers at the host and port of the URL, or all connections \
                 of the pool are in use"
                    .to_owned(),
            );
        }
        sqlx::Error::Io(_) => {
            return Some(
                "the server does not answer: is it running, and is the host of the URL right?"
                    .to_owned(),
            );
        }
        _ => return None,
    };
    words(&database.code()?, database.message()).map(str::to_owned)
}

/// The advice on an error of the server.
pub(super) fn words(code: &str, message: &str) -> Option<&'static str> {
    // https://www.postgresql.org/docs/current/errcodes-appendix.html
    Some(match code {
        "42P01" | "3F000" if message.contains("eventful") => {
            "the database has no tables of eventful: call `Postgres::new(pool).migrate().await?` when the program starts"
        }
        "42501" => {
            "the role lacks a right. To publish it needs `GRANT USAGE ON SCHEMA eventful` and `GRANT INSERT ON \
             eventful.log, eventful.scheduled, eventful.once`; to run a worker, `GRANT USAGE ON SCHEMA eventful` and \
             `GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA eventful`"
        }
        "28P01" | "28000" => "the server refuses this role, or its password",
        "3D000" => "the server has no such database",
        "53300" => {
            "the server has no connection left: its `max_connections` has to cover the pool of each process, and 7 more \
             for each worker"
        }
        "53100" => "the disk of the server is full",
        "57014" => "the statement took longer than the `statement_timeout` of the server",
        "57P01" | "57P02" | "57P03" => "the server is shutting down, or starting",
        "25006" => "the server takes no writes: it is a standby, or read-only",
        "25P02" => {
            "an earlier statement of this transaction has failed, so that the server ignores it: roll it back"
        }
        "22021" => "PostgreSQL stores no text with a NUL in it",
        "40001" => {
            "another transaction was in its way: begin again, as with each serializable transaction"
        }
        "08P01" if message.contains("extra_float_digits") => {
            "PgBouncer has to let sqlx connect: write `ignore_startup_parameters = extra_float_digits` into its settings"
        }
        "08P01" if message.contains("options") => {
            "PgBouncer passes no settings of a session on: use `Postgres::new(pool).behind_pgbouncer()`, and publish with \
             `Unnamed`"
        }
        "26000" | "42P05" => {
            "the prepared statement is on another connection of the server: is there a PgBouncer in transaction mode? Use \
             `Postgres::new(pool).behind_pgbouncer()`, and publish with `Unnamed`"
        }
        _ => return None,
    })
}
