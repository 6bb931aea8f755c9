//! The error of a store.

use std::error::Error;
use std::fmt;

/// A step of a store that failed. What it was to write may have been written or not, unless it was refused.
///
/// # Examples
///
/// ```
/// use eventful::durable::store::StoreError;
///
/// let broken = StoreError::failed("the connection is lost").caused_by("broken pipe");
/// assert!(!broken.is_refused()); // asking again may help
/// assert_eq!(broken.to_string(), "the connection is lost");
///
/// let unknown = StoreError::refused("there is no subscription `mail.conform`");
/// assert!(unknown.is_refused());
/// ```
#[derive(Debug)]
pub struct StoreError {
    kind: Kind,
    message: String,
    source: Option<Box<dyn Error + Send + Sync>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Failed,
    Refused,
}

impl StoreError {
    /// The database failed.
    #[must_use]
    pub fn failed(message: impl Into<String>) -> Self {
        Self {
            kind: Kind::Failed,
            message: message.into(),
            source: None,
        }
    }

    /// The store does not do it, whenever it is asked. Nothing was written.
    #[must_use]
    pub fn refused(message: impl Into<String>) -> Self {
        Self {
            kind: Kind::Refused,
            message: message.into(),
            source: None,
        }
    }

    /// Adds the error behind it.
    #[must_use]
    pub fn caused_by(mut self, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// Returns true if asking again is of no use.
    #[must_use]
    pub fn is_refused(&self) -> bool {
        self.kind == Kind::Refused
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.message)
    }
}

impl Error for StoreError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.as_ref().map(|source| &**source as _)
    }
}
