//! Crash mode: the search for the event that kills the process.

use std::collections::BTreeMap;

use crate::store::{Lease, Position};
use crate::worker::attempt::Care;

/// The care that a partition has to take after a crash.
///
/// After a lease that ended without release, every event that its worker may have been running is noted before it runs:
/// those of the first batch, and the retries. If this worker dies too, its notes are suspects. Each of them runs alone,
/// and only a death while alone counts.
pub(super) struct Crash {
    /// The suspects that have not run yet, with their deaths.
    suspects: BTreeMap<Position, u32>,
    noting: Noting,
}

#[derive(Clone, Copy)]
enum Noting {
    Nothing,
    /// No batch was read yet.
    Everything,
    Through(Position),
}

/// The deaths after which an event is given up.
pub(super) const DEADLY: u32 = 3;

impl Crash {
    pub(super) fn after(lease: &Lease) -> Self {
        let suspects = lease.suspects.iter();
        Self {
            suspects: suspects.map(|it| (it.position, it.deaths)).collect(),
            noting: if lease.ended_without_release {
                Noting::Everything
            } else {
                Noting::Nothing
            },
        }
    }

    /// A batch was read. The worker before has not come further than the first one.
    pub(super) fn has_read(&mut self, through: Position) {
        if let Noting::Everything = self.noting {
            self.noting = Noting::Through(through);
        }
    }

    pub(super) fn care_for(&self, position: Position) -> Care {
        if self.suspects.contains_key(&position) {
            return Care::Alone;
        }
        let is_noted = match self.noting {
            Noting::Nothing => !self.suspects.is_empty(),
            Noting::Everything => true,
            Noting::Through(through) => position <= through || !self.suspects.is_empty(),
        };
        if is_noted { Care::Noted } else { Care::None }
    }

    pub(super) fn is_deadly(&self, position: Position) -> bool {
        let deaths = self.suspects.get(&position);
        deaths.is_some_and(|deaths| *deaths >= DEADLY)
    }

    /// The event has run, and the process lives.
    pub(super) fn survived(&mut self, position: Position) {
        self.suspects.remove(&position);
    }

    /// The suspects up to a position.
    pub(super) fn suspects_through(&self, position: Position) -> Vec<Position> {
        let suspects = self.suspects.range(..=position);
        suspects.map(|(position, _)| *position).collect()
    }

    pub(super) fn suspects(&self) -> usize {
        self.suspects.len()
    }
}
