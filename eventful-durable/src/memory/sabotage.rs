//! Faults that tests put into a store, to see that they are found.

use crate::store::{DeadFilter, Position};

/// Faults of a store.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Sabotage {
    /// None.
    #[default]
    None,
    /// Writes are not guarded by the token.
    NoToken,
    /// A transactional handler leaves no *done* row.
    NoDoneRow,
    /// The log is trimmed below the cursors, retries or not.
    TrimBelowRetries,
}

impl super::Memory {
    /// Makes a store with a fault.
    pub(crate) fn sabotaged(sabotage: Sabotage) -> Self {
        let mut memory = Self::new();
        let inner = std::sync::Arc::get_mut(&mut memory.inner).expect("it has no clone yet");
        inner.sabotage = sabotage;
        memory
    }

    /// Fails over to a copy that has not heard of what is behind this position. Cursors are where they were, as if the
    /// subscriptions were in a database that did not lag.
    pub(crate) fn fail_over_to(&self, last: Position) {
        self.step(|tables, _| {
            tables.log.retain(|position, _| *position <= last);
            tables.last = last;
            tables.step += 1;
        });
    }

    /// Retries dead letters in another process: no bell is heard in this one.
    pub(crate) fn retry_dead_elsewhere(&self, filter: &DeadFilter) -> u64 {
        self.step(|tables, now| tables.retry_dead(filter, now))
    }

    pub(super) fn has(&self, sabotage: Sabotage) -> bool {
        self.inner.sabotage == sabotage
    }
}
