//! The decisions that are not acknowledged yet.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::{Broken, Runner};
use crate::Append;
use crate::Envelope;
use crate::store::{Acknowledgement, Dead, Place, Position, Retry, Verdict, Wait};
use crate::worker::process::Alone;

#[derive(Default)]
pub(super) struct Pending {
    fates: BTreeMap<Position, Fate>,
    pub(super) wake: BTreeSet<Position>,
    pub(super) ended: BTreeSet<Position>,
    pub(super) append: Vec<Append>,
    pub(super) handled: u64,
    /// Held until the notes of those that ran alone are gone.
    pub(super) alone: Vec<Alone>,
    /// True if something must not wait for the end of the batch.
    pub(super) is_urgent: bool,
}

/// The fate of an event that has, or gets, a row of its own.
pub(super) enum Fate {
    Retry(Retry),
    /// Its retry is over.
    Done,
    Dead(Dead),
}

impl Pending {
    pub(super) fn is_empty(&self) -> bool {
        let Self {
            fates,
            wake,
            ended,
            append,
            handled,
            alone,
            is_urgent: _,
        } = self;
        let lists_are_empty = fates.is_empty() && wake.is_empty() && ended.is_empty();
        lists_are_empty && append.is_empty() && alone.is_empty() && *handled == 0
    }

    /// Decides what becomes of an event. What was decided before is forgotten.
    pub(super) fn decide(&mut self, position: Position, fate: Fate) {
        self.wake.remove(&position);
        self.fates.insert(position, fate);
    }

    fn into_acknowledgement(self, acknowledgement: &mut Acknowledgement) -> Vec<Alone> {
        for (position, fate) in self.fates {
            match fate {
                Fate::Retry(retry) => acknowledgement.retries.push(retry),
                Fate::Done => acknowledgement.done.push(position),
                Fate::Dead(dead) => acknowledgement.dead.push(dead),
            }
        }
        acknowledgement.wake.extend(self.wake);
        acknowledgement.ended.extend(self.ended);
        acknowledgement.append = self.append;
        acknowledgement.handled = self.handled;
        self.alone
    }
}

impl Runner {
    /// The place to which the cursor may move.
    pub(super) fn progress(&self) -> Place {
        let batch = self.batch.as_ref();
        batch.map_or(self.read_through, super::Batch::progress)
    }

    pub(super) fn has_to_acknowledge(&self) -> bool {
        if let Some(batch) = &self.batch {
            return batch.is_settled() || self.pending.is_urgent;
        }
        let is_behind = self.progress() != self.lease.cursor;
        let is_old = self.acknowledged_at + super::LOOK <= Instant::now();
        let is_known = self.is_failing == self.is_told_as_failing;
        !self.pending.is_empty() || !is_known || (is_behind && is_old)
    }

    /// Moves the cursor, with everything that is decided.
    pub(super) async fn acknowledge(&mut self) -> Result<(), Broken> {
        self.forget_suspects_that_are_over();
        let mut acknowledgement = Acknowledgement::at(self.lease.held.clone(), self.lease.cursor);
        acknowledgement.to = self.progress();
        acknowledgement.failing = self.is_failing;
        let pending = std::mem::take(&mut self.pending);
        // Dropped at the end: then the notes of those that ran alone are gone.
        let _alone = pending.into_acknowledgement(&mut acknowledgement);
        let appends = !acknowledgement.append.is_empty();
        self.look_for(&acknowledgement.retries, &acknowledgement.wake);

        match self.store.acknowledge(&acknowledgement).await {
            Ok(Verdict::Accepted) => {}
            Ok(Verdict::Void) => return Err(Broken::Lost),
            Err(error) => return Err(Broken::Store("acknowledge", error)),
        }
        self.lease.cursor = acknowledgement.to;
        self.is_told_as_failing = self.is_failing;
        self.acknowledged_at = Instant::now();
        let cursor = self.lease.cursor.position;
        let retries = &self.retries;
        let is_kept = |position: &Position| *position > cursor || retries.contains(*position);
        self.lease.done.retain(is_kept);
        if self.batch.as_ref().is_some_and(super::Batch::is_settled) {
            self.batch = None;
        }
        if appends {
            self.shared.store.bell().ring();
        }
        Ok(())
    }

    /// Ends the notes of suspects that no handler sees any more: they were erased, or their name is no longer taken, or
    /// their effect was committed before the process died. Crash mode would never end with them.
    fn forget_suspects_that_are_over(&mut self) {
        let behind = self.crash.suspects_through(self.progress().position);
        for position in behind {
            if !self.retries.contains(position) {
                self.crash.survived(position);
                self.pending.ended.insert(position);
            }
        }
    }

    /// Looks for retries when the first of these is due.
    fn look_for(&mut self, retries: &[Retry], wake: &[Position]) {
        let pauses = retries.iter().filter_map(|retry| match retry.wait {
            Wait::For(pause) => Some(pause),
            Wait::Parked(_) | Wait::Stopped => None,
        });
        let woken = wake.iter().map(|_| Duration::ZERO);
        if let Some(pause) = pauses.chain(woken).min() {
            self.look_in(pause);
        }
    }

    pub(super) fn look_in(&mut self, pause: Duration) {
        let Some(at) = Instant::now().checked_add(pause) else {
            return;
        };
        self.look_at = Some(self.look_at.map_or(at, |look_at| look_at.min(at)));
    }

    /// An event that waits behind others of its key, or until another worker knows it.
    pub(super) fn waits(&mut self, position: Position, envelope: &Arc<Envelope>, wait: Wait) {
        let key = envelope.key.clone();
        match &wait {
            Wait::Parked(needs) => self.retries.park(position, key.clone(), needs.clone()),
            Wait::For(_) | Wait::Stopped => self.retries.insert(position, key.clone()),
        }
        let retry = Retry {
            position,
            key,
            attempts: 0,
            wait,
            failures: Vec::new(),
        };
        self.pending.decide(position, Fate::Retry(retry));
        self.settle_in_batch(position);
    }

    pub(super) fn settle_in_batch(&mut self, position: Position) {
        if let Some(batch) = &mut self.batch {
            batch.settle(position);
        }
    }
}
