//! A connection, and how statements are prepared on it.

use sqlx::postgres::PgRow;
use sqlx::{Connection as _, PgConnection};

use super::columns::Query;

/// The names of prepared statements.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Statements {
    /// A statement is prepared once for a connection.
    Named,
    /// A statement is prepared each time: behind a pool of the server, the next one may run on another connection.
    Unnamed,
}

/// Begins a transaction of several statements, in one message. The server ends that of a worker which is stopped within
/// it: others wait no longer.
pub(super) const BEGIN: &str = "BEGIN; SET LOCAL idle_in_transaction_session_timeout = '5s'";

/// A connection to run statements on.
pub(super) struct Session<'c> {
    connection: &'c mut PgConnection,
    statements: Statements,
}

impl<'c> Session<'c> {
    pub(super) fn new(connection: &'c mut PgConnection, statements: Statements) -> Self {
        Self {
            connection,
            statements,
        }
    }

    /// Returns the number of rows that were written.
    pub(super) async fn execute(&mut self, query: Query<'_>) -> sqlx::Result<u64> {
        let query = self.prepared(query);
        if !self.needs_transaction() {
            return Ok(query.execute(&mut *self.connection).await?.rows_affected());
        }
        let mut transaction = self.connection.begin_with(BEGIN).await?;
        let done = query.execute(&mut *transaction).await?;
        transaction.commit().await?;
        Ok(done.rows_affected())
    }

    pub(super) async fn fetch_one(&mut self, query: Query<'_>) -> sqlx::Result<PgRow> {
        let row = self.fetch_optional(query).await?;
        row.ok_or(sqlx::Error::RowNotFound)
    }

    pub(super) async fn fetch_optional(&mut self, query: Query<'_>) -> sqlx::Result<Option<PgRow>> {
        Ok(self.fetch_all(query).await?.into_iter().next())
    }

    pub(super) async fn fetch_all(&mut self, query: Query<'_>) -> sqlx::Result<Vec<PgRow>> {
        let query = self.prepared(query);
        if !self.needs_transaction() {
            return query.fetch_all(&mut *self.connection).await;
        }
        let mut transaction = self.connection.begin_with(BEGIN).await?;
        let rows = query.fetch_all(&mut *transaction).await?;
        transaction.commit().await?;
        Ok(rows)
    }

    fn prepared<'q>(&self, query: Query<'q>) -> Query<'q> {
        query.persistent(self.statements == Statements::Named)
    }

    /// Returns true if a statement needs a transaction of its own: one without a name is prepared, and then executed, and
    /// a pool of the server keeps the connection for both only within a transaction.
    fn needs_transaction(&self) -> bool {
        self.statements == Statements::Unnamed && !self.connection.is_in_transaction()
    }
}
