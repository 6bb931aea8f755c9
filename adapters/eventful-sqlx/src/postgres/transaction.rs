//! The transaction of a transactional handler.

use std::any::Any;
use std::sync::Arc;

use eventful_durable::store::{Held, Position, StoreResult, StoreTransaction, Verdict};
use eventful_durable::{Append, AppendError, BoxFuture};
use sqlx::{PgConnection, Postgres as Database, Transaction};
use uuid::Uuid;

use super::Inner;
use super::append::append;
use super::session::Session;
use super::step::{advice, step};
use crate::failpoint;
use crate::failure::Outcome;

/// Begins a transaction. The server ends that of a worker which is stopped within it, whose locks would keep its successor
/// waiting. A handler that waits for something else for longer than this loses its transaction.
const BEGIN: &str = "BEGIN; SET LOCAL idle_in_transaction_session_timeout = '60s'";

/// The last statement: the *done* row, if the token holds and the event has the position, in the log or among the retries.
/// A takeover waits for the end of this transaction, which is near, so the server waits for it no longer than 2 s.
pub(super) const WRITE_DONE: &str = "
    WITH bound AS MATERIALIZED (SELECT set_config('idle_in_transaction_session_timeout', '2s', true)),
    held AS MATERIALIZED (SELECT partition FROM eventful.lease WHERE token = $1 FOR SHARE)
    INSERT INTO eventful.done (partition, position) SELECT held.partition, $2 FROM held, bound
    WHERE EXISTS (SELECT FROM eventful.position JOIN eventful.log USING (seq) WHERE position = $2 AND id = $3)
        OR EXISTS (SELECT FROM eventful.retry r
            WHERE r.partition = held.partition AND r.position = $2 AND r.event = $3)
    ON CONFLICT (partition, position) DO UPDATE SET position = excluded.position";

/// A transaction on a connection of the program's pool.
pub(super) struct HandlerTransaction {
    transaction: Transaction<'static, Database>,
    held: Held,
    inner: Arc<Inner>,
}

impl HandlerTransaction {
    pub(super) async fn begin(inner: Arc<Inner>, held: Held) -> Outcome<Self> {
        Ok(Self {
            transaction: inner.pool.begin_with(BEGIN).await?,
            held,
            inner,
        })
    }

    async fn commit_done(mut self, position: Position, event: Uuid) -> Outcome<Verdict> {
        let done = sqlx::query(WRITE_DONE)
            .bind(self.held.token.0)
            .bind(position.0)
            .bind(event);
        if self.session().execute(done).await? == 0 {
            self.transaction.rollback().await?;
            return Ok(Verdict::Void);
        }
        failpoint::pass("postgres: before the commit of a handler");
        self.transaction.commit().await?;
        failpoint::pass("postgres: after the commit of a handler");
        self.inner.bell.ring();
        Ok(Verdict::Accepted)
    }

    fn session(&mut self) -> Session<'_> {
        Session::new(&mut self.transaction, self.inner.statements)
    }
}

impl StoreTransaction for HandlerTransaction {
    fn lend(&mut self) -> &mut (dyn Any + Send) {
        let connection: &mut PgConnection = &mut self.transaction;
        connection
    }

    fn append(&mut self, event: Append) -> BoxFuture<'_, Result<(), AppendError>> {
        Box::pin(async move {
            let appended = append(&mut self.session(), &event).await;
            appended
                .map(drop)
                .map_err(|failure| failure.of_append(&event.envelope.name, advice))
        })
    }

    fn commit<'a>(self: Box<Self>, position: Position, event: Uuid) -> StoreResult<'a, Verdict>
    where
        Self: 'a,
    {
        step(
            "commit the transaction of a handler",
            self.commit_done(position, event),
        )
    }
}
