//! The transaction of a transactional handler.

use std::any::Any;

use super::{Position, StoreResult, Verdict};
use crate::{Append, AppendError, BoxFuture};

/// A transaction in which one event is handled. Dropped without a commit, it is rolled back.
pub trait StoreTransaction: Send {
    /// Lends the connection: a `&mut T` of the type of [`Facts::lends`](super::Facts::lends).
    fn lend(&mut self) -> &mut (dyn Any + Send);

    /// Appends an event that the handler has returned.
    fn append(&mut self, append: Append) -> BoxFuture<'_, Result<(), AppendError>>;

    /// Writes the *done* row of the event as its last statement, and commits. If the token does not hold, nothing is
    /// committed.
    ///
    /// The token is compared in a way that a takeover waits for, so that it sees the row, or this sees the new token;
    /// see [`Store::acquire`](super::Store::acquire). After an error it is not known if it was committed: the takeover
    /// finds out.
    fn commit<'a>(self: Box<Self>, position: Position) -> StoreResult<'a, Verdict>
    where
        Self: 'a;
}
