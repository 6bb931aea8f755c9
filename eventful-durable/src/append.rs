//! What a durable publish asks of a transaction.

use std::any::Any;
use std::error::Error;
use std::fmt;

use jiff::Timestamp;

use crate::{BoxFuture, Envelope};

/// One event to be appended to the log, and how.
#[derive(Clone, Debug)]
pub struct Append {
    /// The event.
    pub envelope: Envelope,
    /// The instant at which it is appended to the log. `None`: by this transaction.
    pub due_at: Option<Timestamp>,
    /// A word of the publisher's. A second event of the same name and word is not appended.
    pub once: Option<String>,
}

/// A connection or transaction that can append events to the log of the store `S`.
pub trait Appends<S: ?Sized> {
    /// Appends one event in the open transaction. The event is in the log exactly if that is committed.
    ///
    /// # Errors
    ///
    /// If no transaction is open, or the store fails. Then nothing was appended.
    fn append(&mut self, append: Append) -> BoxFuture<'_, Result<(), AppendError>>;

    /// Begins a savepoint: what handlers in the transaction write after it can be rolled back alone.
    ///
    /// # Errors
    ///
    /// If no transaction is open, or the store fails.
    fn savepoint(&mut self) -> BoxFuture<'_, Result<(), AppendError>>;

    /// Ends the latest savepoint, and keeps what was written since.
    ///
    /// # Errors
    ///
    /// If the store fails.
    fn release_savepoint(&mut self) -> BoxFuture<'_, Result<(), AppendError>>;

    /// Ends the latest savepoint, and rolls back what was written since.
    ///
    /// # Errors
    ///
    /// If the store fails.
    fn roll_back_to_savepoint(&mut self) -> BoxFuture<'_, Result<(), AppendError>>;

    /// Returns the connection that handlers in the transaction get as `&mut T`. `None` if there is nothing to lend, as with
    /// a broker.
    fn lend(&mut self) -> Option<&mut (dyn Any + Send)>;
}

/// A failed append.
#[derive(Debug)]
pub struct AppendError {
    message: String,
    source: Option<Box<dyn Error + Send + Sync>>,
}

impl AppendError {
    /// Makes an error with this text.
    #[must_use]
    pub fn new(message: impl Into<String>) -> Self {
        Self {
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
}

impl fmt::Display for AppendError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.message)
    }
}

impl Error for AppendError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.as_ref().map(|source| &**source as _)
    }
}
