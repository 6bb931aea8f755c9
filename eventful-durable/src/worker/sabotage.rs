//! Faults that tests put into a worker, to see that they are found.

/// Faults of a worker.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Sabotage {
    /// None.
    #[default]
    None,
    /// The cursor moves before the handlers run.
    CursorFirst,
    /// A retry does not shut its key.
    OpenKeys,
    /// Each event that is noted is blamed for a death, alone or not.
    BlameTheNeighbour,
}
