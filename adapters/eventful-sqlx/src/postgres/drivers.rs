//! Durable publishes in transactions of other drivers than sqlx.

#[cfg(feature = "diesel-async")]
mod diesel;
#[cfg(feature = "tokio-postgres")]
mod tokio;

use std::error::Error;

use eventful_durable::AppendError;

const SAVEPOINT: &str = "SAVEPOINT eventful_publish";
const RELEASE: &str = "RELEASE SAVEPOINT eventful_publish";
const ROLL_BACK: &str =
    "ROLLBACK TO SAVEPOINT eventful_publish; RELEASE SAVEPOINT eventful_publish";

/// The error of an append, with advice if there is some.
fn not_appended(
    name: &str,
    advice: Option<&str>,
    error: impl Error + Send + Sync + 'static,
) -> AppendError {
    let message = match advice {
        Some(advice) => format!("`{name}` cannot be appended: {advice}"),
        None => format!("`{name}` cannot be appended"),
    };
    AppendError::new(message).caused_by(error)
}

/// The error of a statement for a savepoint.
fn failed(statement: &str, error: impl Error + Send + Sync + 'static) -> AppendError {
    let message = format!("`{statement}` failed in the transaction of a publish");
    AppendError::new(message).caused_by(error)
}
