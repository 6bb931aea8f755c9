//! The transaction of a transactional handler.

use std::any::Any;
use std::sync::Arc;

use eventful_durable::store::{Held, Position, StoreResult, StoreTransaction, Verdict};
use eventful_durable::{Append, AppendError, BoxFuture};
use sqlx::{PgConnection, Postgres as Database, Row as _, Transaction};
use uuid::Uuid;

use super::Inner;
use super::append::append;
use super::columns::Query;
use super::session::Session;
use super::step::{advice, step};
use crate::failpoint;
use crate::failure::Outcome;

/// Begins a transaction. The server ends that of a worker which is stopped within it, whose locks would keep its successor
/// waiting. A handler that waits for something else for longer than this loses its transaction.
const BEGIN: &str = "BEGIN; SET LOCAL idle_in_transaction_session_timeout = '60s'";

/// True if the event `$3` has the position `$2`, in the log or among the retries of the partition.
macro_rules! has_event {
    () => {
        "EXISTS (SELECT FROM eventful.position JOIN eventful.log USING (seq) WHERE position = $2 AND id = $3)
            OR EXISTS (SELECT FROM eventful.lease JOIN eventful.retry r USING (partition)
                WHERE token = $1 AND r.position = $2 AND r.event = $3)"
    };
}

/// The last statement: the *done* row, if the token holds and the event has the position. A takeover waits for the end of
/// this transaction, which is near, so the server waits for it no longer than 2 s.
///
/// A serializable transaction that read the log here would make publishers fail. For one it returns true, and [`HAS_EVENT`]
/// is asked on a connection of the store's own.
pub(super) const WRITE_DONE: &str = concat!(
    "WITH bound AS MATERIALIZED (SELECT set_config('idle_in_transaction_session_timeout', '2s', true)),
    held AS MATERIALIZED (SELECT partition FROM eventful.lease WHERE token = $1 FOR SHARE)
    INSERT INTO eventful.done (partition, position) SELECT held.partition, $2 FROM held, bound
    WHERE CASE WHEN current_setting('transaction_isolation') = 'serializable' THEN true ELSE ",
    has_event!(),
    " END
    ON CONFLICT (partition, position) DO UPDATE SET position = excluded.position
    RETURNING current_setting('transaction_isolation') = 'serializable'"
);

const HAS_EVENT: &str = concat!("SELECT ", has_event!());

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
        let token = self.held.token.0;
        let bind = |query: Query<'static>| query.bind(token).bind(position.0).bind(event);
        let done = bind(sqlx::query(WRITE_DONE));
        let done = self.session().fetch_optional(done).await?;
        let may_commit = match done {
            Some(row) if row.try_get(0)? => {
                let mut own = self.inner.quick().await?;
                let asked = own
                    .session()
                    .fetch_one(bind(sqlx::query(HAS_EVENT)))
                    .await?;
                asked.try_get(0)?
            }
            done => done.is_some(),
        };
        if !may_commit {
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
