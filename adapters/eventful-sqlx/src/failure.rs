//! The error within a step of a store.

use eventful_durable::AppendError;
use eventful_durable::store::StoreError;

/// An error within a step.
#[derive(Debug)]
pub(crate) enum Failure {
    Sql(sqlx::Error),
    Store(StoreError),
}

pub(crate) type Outcome<T> = Result<T, Failure>;

/// Says in words what is behind an error, where a person can do something about it.
pub(crate) type Advice = fn(&sqlx::Error) -> Option<String>;

impl From<sqlx::Error> for Failure {
    fn from(error: sqlx::Error) -> Self {
        Self::Sql(error)
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl Failure {
    /// The error of a step with this name: "cannot `what`: …".
    pub(crate) fn of(self, what: &str, advice: Advice) -> StoreError {
        match self {
            Self::Store(error) => error,
            Self::Sql(error) => {
                let message = match advice(&error) {
                    Some(advice) => format!("cannot {what}: {advice}"),
                    None => format!("cannot {what}"),
                };
                StoreError::failed(message).caused_by(error)
            }
        }
    }

    /// The error of an append.
    pub(crate) fn of_append(self, name: &str, advice: Advice) -> AppendError {
        match self {
            Self::Store(error) => {
                AppendError::new(format!("`{name}` cannot be appended")).caused_by(error)
            }
            Self::Sql(error) => {
                let message = match advice(&error) {
                    Some(advice) => format!("`{name}` cannot be appended: {advice}"),
                    None => format!("`{name}` cannot be appended"),
                };
                AppendError::new(message).caused_by(error)
            }
        }
    }
}
