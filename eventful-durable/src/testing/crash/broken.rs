//! Faults on purpose, to see that a run finds them.

use std::sync::LazyLock;

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

    /// The faults of the engine that this process has.
    fn of_this_process() -> impl Iterator<Item = Self> {
        let names = environment::broken();
        let all = Self::OF_THE_ENGINE.into_iter();
        all.filter(move |it| names.contains(&it.name()))
    }

    pub(super) fn sabotage() -> Sabotage {
        let sabotage = Self::of_this_process().find_map(|it| match it {
            Self::CursorFirst => Some(Sabotage::CursorFirst),
            Self::OpenKeys => Some(Sabotage::OpenKeys),
            Self::BlameTheNeighbour => Some(Sabotage::BlameTheNeighbour),
            _ => None,
        });
        sabotage.unwrap_or_default()
    }

    pub(super) fn lies() -> Lies {
        let lies = Self::of_this_process().find_map(|it| match it {
            Self::NoDoneRows => Some(Lies::DoneRows),
            Self::ImmortalLeases => Some(Lies::LostLeases),
            Self::NoTokens => Some(Lies::LostLeasesAndTokens),
            _ => None,
        });
        lies.unwrap_or_default()
    }
}

/// Returns true in a child of a run with [`Broken::Own`] of this name.
#[must_use]
pub fn is_broken(name: &str) -> bool {
    static BROKEN: LazyLock<Vec<String>> = LazyLock::new(environment::broken);
    BROKEN.iter().any(|broken| broken == name)
}
