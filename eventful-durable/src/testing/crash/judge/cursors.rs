//! The cursors of partitions, as the leases and acknowledgements in the ledger tell of them.
//!
//! A cursor moves on and never comes back, so each place is left once; and only the last one who took the lease there
//! may leave it.

use std::collections::HashMap;

use uuid::Uuid;

use super::super::ledger::Line;

/// The cursor of a partition at a position.
#[derive(Debug, Default)]
struct Stay {
    leases: Vec<Grant>,
    /// The tokens of the acknowledgements that moved it on.
    left_by: Vec<Uuid>,
}

/// A lease that was given. Its instants are in microseconds.
#[derive(Debug)]
struct Grant {
    token: Uuid,
    asked_at: i64,
    given_at: i64,
}

/// The stays of all cursors, by subscription, number of the partition, and position.
#[derive(Debug, Default)]
pub(super) struct Cursors(HashMap<(String, u32, i64), Stay>);

impl Cursors {
    /// Reads a line about a lease that was given. `None` if it is torn.
    pub(super) fn give(&mut self, line: &Line) -> Option<()> {
        let [number, position, asked_at, given_at] = &*line.more else {
            return None;
        };
        let grant = Grant {
            token: line.event,
            asked_at: asked_at.parse().ok()?,
            given_at: given_at.parse().ok()?,
        };
        self.stay(line, number, position)?.leases.push(grant);
        Some(())
    }

    /// Reads a line about an acknowledgement that was taken. `None` if it is torn.
    pub(super) fn take(&mut self, line: &Line) -> Option<()> {
        let [number, from, _] = &*line.more else {
            return None;
        };
        self.stay(line, number, from)?.left_by.push(line.event);
        Some(())
    }

    fn stay(&mut self, line: &Line, number: &str, position: &str) -> Option<&mut Stay> {
        let number = number.parse().ok()?;
        let position = position.parse().ok()?;
        let place = (line.subscription.clone(), number, position);
        Some(self.0.entry(place).or_default())
    }

    /// Counts the acknowledgements that should have been void.
    pub(super) fn void(&self) -> usize {
        self.0.values().map(Stay::void).sum()
    }
}

impl Stay {
    fn void(&self) -> usize {
        let repeated = self.left_by.len().saturating_sub(1);
        let is_overdue = |token: &&Uuid| self.is_revoked(**token);
        repeated.max(self.left_by.iter().filter(is_overdue).count())
    }

    /// Returns true if another lease was given later, beyond doubt: it was asked for when this one was there.
    fn is_revoked(&self, token: Uuid) -> bool {
        let lease = self.leases.iter().find(|lease| lease.token == token);
        lease.is_some_and(|lease| {
            let is_later = |other: &Grant| other.token != token && other.asked_at > lease.given_at;
            self.leases.iter().any(is_later)
        })
    }
}
