//! One step of an order, from one status to the next, within the transaction that makes it true.

use std::error::Error;
use std::fmt;

use sqlx::SqliteConnection;

use crate::{DatabaseError, OrderId, Status};

/// Moves an order on, if it is where it should be: a step that is taken twice fails the second time, and with it the
/// transaction that would have reserved or debited twice.
///
/// # Errors
///
/// If the order has another status, or the database fails.
pub async fn advance(
    transaction: &mut SqliteConnection,
    order_id: OrderId,
    from: Status,
    to: Status,
) -> Result<(), StepError> {
    let moved = sqlx::query("UPDATE orders SET status = ? WHERE id = ? AND status = ?")
        .bind(to.as_str())
        .bind(order_id.0)
        .bind(from.as_str())
        .execute(transaction)
        .await?;
    if moved.rows_affected() == 1 {
        Ok(())
    } else {
        Err(StepError::OutOfTurn { order_id, from, to })
    }
}

/// The error of a step that an order cannot take.
#[derive(Debug)]
pub enum StepError {
    /// It was not where the step begins.
    OutOfTurn {
        /// The order.
        order_id: OrderId,
        /// The status before the step.
        from: Status,
        /// The status after the step.
        to: Status,
    },
    /// The database failed.
    Database(DatabaseError),
}

impl From<DatabaseError> for StepError {
    fn from(error: DatabaseError) -> Self {
        Self::Database(error)
    }
}

impl From<sqlx::Error> for StepError {
    fn from(error: sqlx::Error) -> Self {
        Self::Database(error.into())
    }
}

impl fmt::Display for StepError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OutOfTurn { order_id, from, to } => write!(
                formatter,
                "order {order_id} cannot become `{to}`, because it is not `{from}`"
            ),
            Self::Database(error) => error.fmt(formatter),
        }
    }
}

impl Error for StepError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::OutOfTurn { .. } => None,
            Self::Database(error) => error.source(),
        }
    }
}
