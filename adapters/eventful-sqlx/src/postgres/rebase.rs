//! The move of a log into another cluster.

use eventful_durable::store::StoreError;
use sqlx::Executor as _;

use super::session::Session;
use super::step::explain;
use super::{Postgres, trim};
use crate::failure::Outcome;

/// Nothing is appended while the log is moved.
const SHUT: &str = "LOCK TABLE eventful.log IN SHARE ROW EXCLUSIVE MODE";

/// No transaction has the id 3: it is `FrozenTransactionId` plus one, and past in each cluster.
const SETTLE: &str = "UPDATE eventful.log SET xid = '3' WHERE xid <> '3'";

/// All that is there is seen by this snapshot, and nothing that will come.
const RESET: &str = "
    UPDATE eventful.sequencer SET lo = '4:4:', hi = NULL, turn = turn + 1,
        cluster = (SELECT system_identifier FROM pg_control_system())";

const REVOKE: &str = "UPDATE eventful.lease SET token = NULL";

impl Postgres {
    /// Moves the log into this cluster of PostgreSQL, after it was restored from a dump or a copy into it.
    ///
    /// The order of commits is known by the ids of transactions, which mean something else in another cluster. So workers
    /// refuse such a database until this was called. Positions and cursors stay, and events that had no position yet
    /// get one, in the order in which they were published. Leases are revoked. It rewrites the log, and keeps
    /// publishers waiting meanwhile: about 10 seconds for a million events.
    ///
    /// # Errors
    ///
    /// If the server fails. Nothing was changed then.
    ///
    /// # Examples
    ///
    /// ```
    /// use eventful::durable::store::StoreError;
    /// use eventful::store::Postgres;
    ///
    /// /// Once, after `pg_restore`, before programs start.
    /// async fn after_restore(store: &Postgres) -> Result<(), StoreError> {
    ///     store.rebase().await
    /// }
    /// ```
    pub async fn rebase(&self) -> Result<(), StoreError> {
        let rebased = self.rebase_now().await;
        rebased.map_err(|failure| explain(failure, "move the log into this cluster"))
    }

    async fn rebase_now(&self) -> Outcome<()> {
        let mut transaction = self.inner.safe.begin().await?;
        for statement in [SHUT, SETTLE, RESET, REVOKE] {
            transaction.execute(statement).await?;
        }
        let mut session = Session::new(&mut transaction, self.inner.statements);
        trim::mend(&mut session, 0, i64::MAX).await?;
        transaction.commit().await?;
        self.inner.bell.ring();
        Ok(())
    }
}
