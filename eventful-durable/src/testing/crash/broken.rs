//! Faults on purpose, to see that a run finds them.

use super::environment;
use crate::testing::Lies;
use crate::worker::Sabotage;

/// A fault that a run has to find. Each one is a mistake that a store, or the engine, might make.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Broken {
    /// The cursor moves before the handlers run.
    CursorFirst,
    /// A retry does not shut its key.
    OpenKeys,
    /// *Done* rows are not seen.
    NoDoneRows,
    /// Workers believe that they hold their leases for ever, so that only the token guards the store. This alone is no
    /// fault: a store has to bear it.
    ImmortalLeases,
    /// The same, and each lease of a partition has one token.
    NoTokens,
    /// Each event that runs when a worker dies is blamed for it, alone or not.
    BlameTheNeighbour,
    /// A fault of the [`Subject`](super::Subject), which asks [`is_broken`] for it.
    Own(&'static str),
}

impl Broken {
    const OF_THE_ENGINE: [Self; 6] = [
        Self::CursorFirst,
        Self::OpenKeys,
        Self::NoDoneRows,
        Self::ImmortalLeases,
        Self::NoTokens,
        Self::BlameTheNeighbour,
    ];

    pub(super) fn name(self) -> String {
        match self {
            Self::Own(name) => name.to_owned(),
            _ => format!("{self:?}"),
        }
    }

    pub(super) fn of_this_process() -> Option<Self> {
        let name = environment::broken()?;
        Self::OF_THE_ENGINE.into_iter().find(|it| it.name() == name)
    }

    pub(super) fn sabotage(self) -> Sabotage {
        match self {
            Self::CursorFirst => Sabotage::CursorFirst,
            Self::OpenKeys => Sabotage::OpenKeys,
            Self::BlameTheNeighbour => Sabotage::BlameTheNeighbour,
            _ => Sabotage::None,
        }
    }

    pub(super) fn lies(self) -> Lies {
        match self {
            Self::NoDoneRows => Lies::DoneRows,
            Self::ImmortalLeases => Lies::LostLeases,
            Self::NoTokens => Lies::LostLeasesAndTokens,
            _ => Lies::None,
        }
    }
}

/// Returns true in a child of a run with [`Broken::Own`] of this name.
#[must_use]
pub fn is_broken(name: &str) -> bool {
    environment::broken().is_some_and(|broken| broken == name)
}
