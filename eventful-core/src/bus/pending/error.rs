//! The error of pending events.

use std::error::Error;
use std::fmt;

use crate::report::{Delivered, PublishError};

/// The error of [`Pending::publish`](super::Pending::publish): at least one of the events failed or was refused.
///
/// Each failure is already logged.
///
/// # Examples
///
/// ```
/// use eventful::{Bus, event};
///
/// #[event(name = "order.created")]
/// struct OrderCreated;
///
/// let bus = Bus::isolated()
///     .subscribe("cache", |_: &OrderCreated| Err::<(), _>("no memory"))
///     .build()?;
/// let mut pending = bus.pending();
/// pending.push(OrderCreated);
/// let error = pending.publish().unwrap_err();
/// let names: Vec<_> = error.errors().map(|error| error.event_name()).collect();
/// assert_eq!(names, ["order.created"]);
/// # Ok::<(), eventful::WiringError>(())
/// ```
pub struct PendingError(Vec<Result<Delivered, PublishError>>);

impl PendingError {
    /// Returns the deliveries, if nothing failed.
    pub(in crate::bus) fn check(
        results: Vec<Result<Delivered, PublishError>>,
    ) -> Result<Vec<Delivered>, Self> {
        if results.iter().any(Result::is_err) {
            return Err(Self(results));
        }
        Ok(results.into_iter().flatten().collect())
    }

    /// Returns the result of each event, in the order in which they were published.
    pub fn results(&self) -> &[Result<Delivered, PublishError>] {
        &self.0
    }

    /// Returns the result of each event, by value.
    #[must_use]
    pub fn into_results(self) -> Vec<Result<Delivered, PublishError>> {
        self.0
    }

    /// Returns the errors among the results.
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

/// Writes the same text as `Display`, because `unwrap` and a `main` that returns the error print it.
impl fmt::Debug for PendingError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

/// `source` is none: there may be many errors, and [`PendingError::errors`] has each of them.
impl Error for PendingError {}
