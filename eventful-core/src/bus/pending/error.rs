//! Pending events of which some were not delivered well.

use std::error::Error;
use std::fmt;

use crate::report::{Delivered, PublishError};

/// Events that were pending, were published, and failed or were refused, at least one of them.
///
/// Each failure has been logged by the time it is returned.
///
/// # Examples
///
/// ```
/// # use eventful_core as eventful;
/// use eventful::PendingError;
///
/// fn failed_events(error: &PendingError) -> Vec<&str> {
///     error.errors().map(|error| error.event_name()).collect()
/// }
/// ```
#[derive(Debug)]
pub struct PendingError(Vec<Result<Delivered, PublishError>>);

impl PendingError {
    /// What was delivered, if nothing failed.
    pub(super) fn check(
        results: Vec<Result<Delivered, PublishError>>,
    ) -> Result<Vec<Delivered>, Self> {
        if results.iter().any(Result::is_err) {
            return Err(Self(results));
        }
        Ok(results.into_iter().flatten().collect())
    }

    /// What became of each event, in the order in which they were published.
    pub fn results(&self) -> &[Result<Delivered, PublishError>] {
        &self.0
    }

    /// What became of each event, by value.
    #[must_use]
    pub fn into_results(self) -> Vec<Result<Delivered, PublishError>> {
        self.0
    }

    /// The errors among the results.
    pub fn errors(&self) -> impl Iterator<Item = &PublishError> {
        self.0.iter().filter_map(|result| result.as_ref().err())
    }
}

impl fmt::Display for PendingError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (failed, all) = (self.errors().count(), self.0.len());
        write!(
            formatter,
            "failures in the publish of {failed} of {all} pending events:"
        )?;
        for error in self.errors() {
            write!(formatter, "\n{error}")?;
        }
        Ok(())
    }
}

/// There is no `source`: errors may be many, and [`PendingError::errors`] has each.
impl Error for PendingError {}
