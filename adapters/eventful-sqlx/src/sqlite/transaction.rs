//! The transaction of a transactional handler.

use std::any::Any;
use std::sync::Arc;
use std::time::Duration;

use eventful_durable::store::{Held, Position, StoreResult, StoreTransaction, Verdict};
use eventful_durable::{Append, AppendError, BoxFuture};
use sqlx::{Sqlite as Database, SqliteConnection, Transaction};
use tokio::sync::OwnedMutexGuard;
use tokio::time::Instant;
use uuid::Uuid;

use super::append::append;
use super::appends::not_appended;
use super::columns::now;
use super::step::explain;
use super::{Inner, lease};
use crate::failpoint;
use crate::failure::Outcome;

/// A transaction that was held for longer than this has kept others waiting.
const SLOW: Duration = Duration::from_millis(100);
/// The pause after a slow transaction. A waiting connection of SQLite tries again after 100 ms at most
/// (`sqliteDefaultBusyCallback` in its main.c).
const TURN: Duration = Duration::from_millis(150);

/// The *done* row of an event, if the event has the position: in the log, or among the retries. A row that is there
/// already is written again, so that it counts.
const WRITE_DONE: &str = "
    INSERT INTO eventful_done (partition, position) SELECT ?1, ?2
    WHERE EXISTS (SELECT 1 FROM eventful_log WHERE position = ?2 AND id = ?3)
        OR EXISTS (SELECT 1 FROM eventful_retry WHERE partition = ?1 AND position = ?2 AND event = ?3)
    ON CONFLICT DO UPDATE SET position = excluded.position";

/// The instant before which no transactional handler begins, so that whoever waits for a slow one has a turn.
#[derive(Default)]
pub(super) struct Pause {
    until: Option<Instant>,
}

/// A transaction that holds the write lock while a handler runs.
pub(super) struct HandlerTransaction {
    // Dropped before the guards: the lock is free when the next writer of this process begins.
    transaction: Transaction<'static, Database>,
    held: Held,
    inner: Arc<Inner>,
    turn: Turn,
}

/// The turn of one transactional handler.
struct Turn {
    began: Instant,
    pause: OwnedMutexGuard<Pause>,
    _alone_in_this_process: OwnedMutexGuard<()>,
}

impl Drop for Turn {
    fn drop(&mut self) {
        if self.began.elapsed() > SLOW {
            self.pause.until = Some(Instant::now() + TURN);
        }
    }
}

impl HandlerTransaction {
    pub(super) async fn begin(inner: Arc<Inner>, held: Held) -> Outcome<Self> {
        let pause = inner.handling.clone().lock_owned().await;
        if let Some(until) = pause.until {
            tokio::time::sleep_until(until).await;
        }
        let alone = inner.writing.clone().lock_owned().await;
        Ok(Self {
            transaction: inner.handlers.begin_with("BEGIN IMMEDIATE").await?,
            held,
            inner,
            turn: Turn {
                began: Instant::now(),
                pause,
                _alone_in_this_process: alone,
            },
        })
    }

    /// Nobody takes the lease meanwhile: that would be a write, and this transaction has the lock.
    async fn commit_done(self, position: Position, event: Uuid) -> Outcome<Verdict> {
        let Self {
            mut transaction,
            held,
            inner,
            turn,
        } = self;
        let Some(partition) = lease::held(&mut transaction, &held).await? else {
            transaction.rollback().await?;
            return Ok(Verdict::Void);
        };
        let done = sqlx::query(WRITE_DONE)
            .bind(partition)
            .bind(position.0)
            .bind(event.to_string())
            .execute(&mut *transaction)
            .await?;
        if done.rows_affected() == 0 {
            transaction.rollback().await?;
            return Ok(Verdict::Void);
        }
        failpoint::pass("sqlite: before the commit of a handler");
        transaction.commit().await?;
        failpoint::pass("sqlite: after the commit of a handler");
        drop(turn);
        inner.bell.ring();
        Ok(Verdict::Accepted)
    }
}

impl StoreTransaction for HandlerTransaction {
    fn lend(&mut self) -> &mut (dyn Any + Send) {
        let connection: &mut SqliteConnection = &mut self.transaction;
        connection
    }

    fn append(&mut self, event: Append) -> BoxFuture<'_, Result<(), AppendError>> {
        Box::pin(async move {
            let appended = append(&mut self.transaction, &event, now()).await;
            appended
                .map(drop)
                .map_err(|failure| not_appended(&event.envelope.name, failure))
        })
    }

    fn commit<'a>(self: Box<Self>, position: Position, event: Uuid) -> StoreResult<'a, Verdict>
    where
        Self: 'a,
    {
        Box::pin(async move {
            let committed = self.commit_done(position, event).await;
            committed.map_err(|failure| explain(failure, "commit the transaction of a handler"))
        })
    }
}
