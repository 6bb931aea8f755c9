//! The store of the audit.

use serde::{Deserialize, Serialize};

use crate::{Database, DatabaseError, OrderId};

/// The audit of all orders, in the database.
#[derive(Clone, Debug)]
pub struct AuditTrail {
    database: Database,
}

/// One line of the audit: an event of an order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditLine {
    /// Its number, ascending.
    pub id: i64,
    /// The order.
    pub order_id: OrderId,
    /// The name of the event.
    pub event: String,
    /// The description of the event.
    pub line: String,
    /// When it was written, in universal time.
    pub written_at: String,
}

type LineRow = (i64, i64, String, String, String);

const LINES: &str = "
    SELECT id, order_id, event, line, written_at FROM audit_lines
    WHERE id > ?1 ORDER BY id LIMIT ?2";

const LINES_OF_ORDER: &str = "
    SELECT id, order_id, event, line, written_at FROM audit_lines
    WHERE id > ?1 AND order_id = ?3 ORDER BY id LIMIT ?2";

impl AuditTrail {
    /// The audit in `database`.
    #[must_use]
    pub const fn new(database: Database) -> Self {
        Self { database }
    }

    /// Writes a line.
    ///
    /// # Errors
    ///
    /// If the database fails.
    pub async fn append(
        &self,
        order_id: OrderId,
        event: &str,
        line: &str,
    ) -> Result<(), DatabaseError> {
        let mut transaction = self.database.write().await?;
        sqlx::query("INSERT INTO audit_lines (order_id, event, line) VALUES (?, ?, ?)")
            .bind(order_id.0)
            .bind(event)
            .bind(line)
            .execute(&mut *transaction)
            .await?;
        Ok(transaction.commit().await?)
    }

    /// The lines after that of a number, at most so many, in the order in which they were written; of one order or of
    /// all.
    ///
    /// # Errors
    ///
    /// If the database fails.
    pub async fn lines(
        &self,
        order_id: Option<OrderId>,
        after: i64,
        most: u32,
    ) -> Result<Vec<AuditLine>, DatabaseError> {
        let query = match order_id {
            Some(id) => sqlx::query_as(LINES_OF_ORDER)
                .bind(after)
                .bind(most)
                .bind(id.0),
            None => sqlx::query_as(LINES).bind(after).bind(most),
        };
        let rows: Vec<LineRow> = query.fetch_all(self.database.readers()).await?;
        let lines = rows
            .into_iter()
            .map(|(id, order_id, event, line, written_at)| AuditLine {
                id,
                order_id: OrderId(order_id),
                event,
                line,
                written_at,
            });
        Ok(lines.collect())
    }
}
