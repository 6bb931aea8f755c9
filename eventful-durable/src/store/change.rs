//! Changes of a subscription that people ask for.

use super::{Position, StoreError};

/// A change of a subscription. Each is one transaction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// No lease of it is given any more. Those that are held stay valid: a worker gives them back when it sees the
    /// pause.
    Pause,
    /// Leases are given again.
    Resume,
    /// It gets this id, with everything that belongs to it. Its leases are revoked. An id that is taken is an error.
    Rename(String),
    /// It goes, with its cursors, exceptions and dead letters. Work under its leases is void.
    Remove,
    /// It takes this name no longer. Retries of the name are removed. Its leases are revoked.
    Forget(String),
    /// Each partition becomes this many. They have its cursor and replay; exceptions go to the part that has the slot
    /// of their event. Its leases are revoked. An error if there are fewer slots.
    Split(u32),
    /// Its partitions become one, at the cursor that is furthest behind. Events that others have come past stay behind
    /// them: *done* rows stand for those, until the cursor has passed them. Its leases are revoked. An error if that
    /// takes more than [`JOINED_AT_MOST`](Self::JOINED_AT_MOST) rows.
    Join,
    /// Each cursor that is behind this position is set to the last place at or before it; [`Place::BEGINNING`] if the
    /// log begins later. What lies between is delivered again, as a replay. Its leases are revoked. *Done* rows behind
    /// the position are removed, retries stay. An error if the subscription refuses replays.
    ///
    /// A cursor that is set to a place is the one after which delivery goes on, so `Replay(0)` delivers everything.
    ///
    /// [`Place::BEGINNING`]: super::Place::BEGINNING
    Replay(Position),
}

impl Change {
    /// The most events that one partition may be ahead of another, together, for a [`Join`](Self::Join).
    pub const JOINED_AT_MOST: u64 = 100_000;

    /// Refuses a [`Join`](Self::Join) of partitions that are too far apart. Stores use it.
    ///
    /// # Errors
    ///
    /// If `ahead`, the number of events that one partition has come past and another has not, is too large.
    ///
    /// # Examples
    ///
    /// ```
    /// use eventful::durable::store::Change;
    ///
    /// assert!(Change::require_close("mail.confirm", 100).is_ok());
    /// let far = Change::require_close("mail.confirm", Change::JOINED_AT_MOST + 1);
    /// assert!(far.is_err_and(|error| error.is_refused()));
    /// ```
    pub fn require_close(subscription: &str, ahead: u64) -> Result<(), StoreError> {
        if ahead <= Self::JOINED_AT_MOST {
            return Ok(());
        }
        Err(StoreError::refused(format!(
            "the partitions of `{subscription}` are {ahead} events apart, and {} can be joined: wait until those that are \
             behind have come closer",
            Self::JOINED_AT_MOST
        )))
    }
}
