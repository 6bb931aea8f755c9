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
    /// The leases that were given here.
    given: Vec<Grant>,
    /// The tokens of the acknowledgements that moved it on.
    left_by: Vec<Uuid>,
}

/// A lease that was given. The instant is in microseconds.
#[derive(Debug)]
struct Grant {
    token: Uuid,
    asked_at: i64,
}

/// The cursors of all partitions.
#[derive(Debug, Default)]
pub(super) struct Cursors {
    /// By subscription, number of the partition, and position.
    stays: HashMap<(String, u32, i64), Stay>,
    /// The instants at which leases were there, by token.
    given_at: HashMap<Uuid, i64>,
}

impl Cursors {
    /// Reads a line about a lease that was given. `None` if it is torn.
    pub(super) fn give(&mut self, line: &Line) -> Option<()> {
        let [number, position, asked_at, given_at] = &*line.more else {
            return None;
        };
        let token = line.event;
        let asked_at = asked_at.parse().ok()?;
        let stay = self.stay(line, number, position)?;
        stay.given.push(Grant { token, asked_at });
        self.given_at.insert(token, given_at.parse().ok()?);
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
        Some(self.stays.entry(place).or_default())
    }

    /// Counts the acknowledgements that should have been void.
    pub(super) fn void(&self) -> usize {
        let void = self.stays.values().map(|stay| {
            let repeated = stay.left_by.len().saturating_sub(1);
            let revoked = stay.left_by.iter();
            let revoked = revoked.filter(|token| self.is_revoked(**token, stay));
            repeated.max(revoked.count())
        });
        void.sum()
    }

    /// Returns true if another lease was given at this stay after that of the token, beyond doubt: it was asked for when
    /// that one was there. Nor was it given after the cursor was moved on, or it would have begun elsewhere.
    fn is_revoked(&self, token: Uuid, stay: &Stay) -> bool {
        let given_at = self.given_at.get(&token);
        given_at.is_some_and(|given_at| {
            let is_later = |other: &Grant| other.token != token && other.asked_at > *given_at;
            stay.given.iter().any(is_later)
        })
    }
}
