//! A part of the log that is being handled.

use std::collections::BTreeSet;

use tokio::time::Instant;

use crate::store::{Place, Position};

pub(super) struct Batch {
    /// The place before the first event.
    start: Place,
    /// The places of the events, in order.
    places: Vec<Place>,
    /// The events of which it is not decided what they become.
    unsettled: BTreeSet<Position>,
    /// The place up to which the batch goes, behind its last event.
    through: Place,
    /// The time from which on its slow events do not hold it up.
    pub(super) deadline: Instant,
}

impl Batch {
    pub(super) fn new(start: Place, places: Vec<Place>, through: Place, deadline: Instant) -> Self {
        let unsettled = places.iter().map(|place| place.position).collect();
        Self {
            start,
            places,
            unsettled,
            through,
            deadline,
        }
    }

    pub(super) fn settle(&mut self, position: Position) {
        self.unsettled.remove(&position);
    }

    pub(super) fn is_settled(&self) -> bool {
        self.unsettled.is_empty()
    }

    pub(super) fn has(&self, position: Position) -> bool {
        self.unsettled.contains(&position)
    }

    /// The place up to which everything is settled.
    pub(super) fn progress(&self) -> Place {
        let Some(first) = self.unsettled.first() else {
            return self.through;
        };
        let before = self
            .places
            .iter()
            .rev()
            .find(|place| place.position < *first);
        before.copied().unwrap_or(self.start)
    }
}
