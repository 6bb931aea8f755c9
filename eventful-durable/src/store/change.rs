//! Changes of a subscription that people ask for.

use super::Position;

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
    /// Each cursor that is behind this position is set to the last place at or before it; [`Place::BEGINNING`] if the
    /// log begins later. What lies between is delivered again, as a replay. Its leases are revoked. *Done* rows behind
    /// the position are removed, retries stay. An error if the subscription refuses replays.
    ///
    /// A cursor that is set to a place is the one after which delivery goes on, so `Replay(0)` delivers everything.
    ///
    /// [`Place::BEGINNING`]: super::Place::BEGINNING
    Replay(Position),
}
