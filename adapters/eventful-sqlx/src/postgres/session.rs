//! A connection, and how statements are prepared on it.

use sqlx::PgConnection;
use sqlx::postgres::PgRow;

use super::columns::Query;

/// The names of prepared statements.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Statements {
    /// A statement is prepared once for a connection.
    Named,
    /// A statement is prepared each time: behind a pool of the server, the next one may run on another connection.
    Unnamed,
}

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

    fn prepared<'q>(&self, query: Query<'q>) -> Query<'q> {
        query.persistent(self.statements == Statements::Named)
    }

    /// Returns the number of rows that were written.
    pub(super) async fn execute(&mut self, query: Query<'_>) -> sqlx::Result<u64> {
        let query = self.prepared(query);
        Ok(query.execute(&mut *self.connection).await?.rows_affected())
    }

    pub(super) async fn fetch_one(&mut self, query: Query<'_>) -> sqlx::Result<PgRow> {
        self.prepared(query).fetch_one(&mut *self.connection).await
    }

    pub(super) async fn fetch_optional(&mut self, query: Query<'_>) -> sqlx::Result<Option<PgRow>> {
        let query = self.prepared(query);
        query.fetch_optional(&mut *self.connection).await
    }

    pub(super) async fn fetch_all(&mut self, query: Query<'_>) -> sqlx::Result<Vec<PgRow>> {
        self.prepared(query).fetch_all(&mut *self.connection).await
    }
}
