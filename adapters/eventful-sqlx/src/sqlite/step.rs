//! The steps of a store: connections to take them on, and errors that say which one failed.

use std::future::Future;

use eventful_durable::store::{StoreError, StoreResult};
use sqlx::error::DatabaseError;
use sqlx::pool::PoolConnection;
use sqlx::{Sqlite as Database, SqliteConnection, SqlitePool, Transaction};
use tokio::sync::OwnedMutexGuard;

use super::{Inner, migration};
use crate::failure::{Failure, Outcome};

/// A transaction of the store's own. It has the write lock from its beginning.
pub(super) struct Write {
    transaction: Transaction<'static, Database>,
    _alone_in_this_process: OwnedMutexGuard<()>,
}

impl Write {
    pub(super) fn connection(&mut self) -> &mut SqliteConnection {
        &mut self.transaction
    }

    pub(super) async fn commit(self) -> Outcome<()> {
        Ok(self.transaction.commit().await?)
    }
}

impl Inner {
    /// Begins a transaction whose commit is on the disk.
    pub(super) async fn write_safely(&self) -> Outcome<Write> {
        self.write_on(&self.safe).await
    }

    /// Begins a transaction whose commit a power cut may take back.
    pub(super) async fn write_quickly(&self) -> Outcome<Write> {
        self.write_on(&self.quick).await
    }

    async fn write_on(&self, pool: &SqlitePool) -> Outcome<Write> {
        let guard = self.writing.clone().lock_owned().await;
        Ok(Write {
            // A deferred transaction that has read fails at its first write if another one has committed since.
            transaction: pool.begin_with("BEGIN IMMEDIATE").await?,
            _alone_in_this_process: guard,
        })
    }

    pub(super) async fn reader(&self) -> Outcome<PoolConnection<Database>> {
        Ok(self.readers.acquire().await?)
    }
}

/// A step, and its name for people: "cannot `what`: …".
pub(super) fn step<'a, T: Send + 'a>(
    what: &'static str,
    step: impl Future<Output = Outcome<T>> + Send + 'a,
) -> StoreResult<'a, T> {
    Box::pin(async move { step.await.map_err(|failure| explain(failure, what)) })
}

/// The error of a step with this name.
pub(super) fn explain(failure: Failure, what: &str) -> StoreError {
    failure.of(what, advice)
}

/// Says in words what is behind an error, where a person can do something about it.
pub(super) fn advice(error: &sqlx::Error) -> Option<String> {
    let sqlx::Error::Database(database) = error else {
        return match error {
            sqlx::Error::PoolTimedOut => Some("no connection was free in time".to_owned()),
            _ => None,
        };
    };
    if migration::is_missing_table(&**database) {
        return Some(
            "the file has no tables of eventful: call `Sqlite::new(pool).migrate().await?` when the program starts"
                .to_owned(),
        );
    }
    let code: i32 = database.code()?.parse().ok()?;
    // The lower byte is the primary code: https://www.sqlite.org/rescode.html
    Some(match (code, code & 0xff) {
        (517, _) => {
            "another connection has written since this transaction began to read; begin it with \
             `pool.begin_with(\"BEGIN IMMEDIATE\")`"
        }
        (_, 5 | 6) => "another connection has kept the file locked for longer than the `busy_timeout`",
        (_, 8) => "the file, or its directory, can only be read",
        (_, 10) => "the disk failed, or the file was deleted or cut while it was open",
        (_, 11 | 26) => "the file is damaged, or no database",
        (_, 13) => "the disk is full",
        (_, 14) => "the file cannot be opened: it is not there, or may not be read",
        _ => return None,
    }
    .to_owned())
}

/// Returns true if another connection has the write lock, or had it for too long.
pub(super) fn is_locked(error: &sqlx::Error) -> bool {
    let code = error.as_database_error().and_then(DatabaseError::code);
    code.is_some_and(|code| code == "5")
}
