//! Events that may run, in lanes: one for each key, and one for each event without a key.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use crate::Envelope;
use crate::store::{Failure, Position};

/// An event that is to be handled.
#[derive(Clone, Debug)]
pub(super) struct Work {
    pub(super) position: Position,
    pub(super) envelope: Arc<Envelope>,
    /// The number of attempts that were made.
    pub(super) attempts: u32,
    pub(super) tried_for: Duration,
    pub(super) failures: Vec<Failure>,
}

/// The lanes of a partition. Of each lane one event runs at a time, in the order of the positions.
#[derive(Default)]
pub(super) struct Lanes {
    by_id: BTreeMap<LaneId, Lane>,
    /// The lanes with an event that may start, in the order in which they became so.
    ready: VecDeque<LaneId>,
    running: BTreeMap<Position, Work>,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum LaneId {
    Key(String),
    Event(Position),
}

#[derive(Default)]
struct Lane {
    waiting: VecDeque<Work>,
    is_running: bool,
}

impl Lanes {
    /// Puts an event behind those of its lane.
    pub(super) fn push(&mut self, work: Work) {
        let id = lane_of(&work);
        let lane = self.by_id.entry(id.clone()).or_default();
        if !lane.is_running && lane.waiting.is_empty() {
            self.ready.push_back(id);
        }
        lane.waiting.push_back(work);
    }

    /// Takes the next event that may start. It runs from now on.
    pub(super) fn start(&mut self) -> Option<Work> {
        let id = self.ready.pop_front()?;
        let lane = self.by_id.get_mut(&id)?;
        let work = lane.waiting.pop_front()?;
        lane.is_running = true;
        self.running.insert(work.position, work.clone());
        Some(work)
    }

    /// The event has ended, so the next one of its lane may start.
    pub(super) fn end(&mut self, position: Position) -> Option<Work> {
        let work = self.running.remove(&position)?;
        let id = lane_of(&work);
        if let Some(lane) = self.by_id.get_mut(&id) {
            lane.is_running = false;
            if lane.waiting.is_empty() {
                self.by_id.remove(&id);
            } else {
                self.ready.push_back(id);
            }
        }
        Some(work)
    }

    /// Takes out the events that wait in the lane of this one.
    pub(super) fn empty_lane_of(&mut self, work: &Work) -> VecDeque<Work> {
        let id = lane_of(work);
        let Some(lane) = self.by_id.get_mut(&id) else {
            return VecDeque::new();
        };
        let waiting = std::mem::take(&mut lane.waiting);
        if !lane.is_running {
            self.by_id.remove(&id);
        }
        self.ready.retain(|ready| *ready != id);
        waiting
    }

    /// Takes out everything that waits.
    pub(super) fn empty(&mut self) {
        self.ready.clear();
        self.by_id.retain(|_, lane| {
            lane.waiting.clear();
            lane.is_running
        });
    }

    /// Returns true if an event of this lane runs or waits.
    pub(super) fn has_lane_of(&self, work: &Work) -> bool {
        self.by_id.contains_key(&lane_of(work))
    }

    pub(super) fn running(&self) -> impl Iterator<Item = &Work> {
        self.running.values()
    }

    pub(super) fn get_running(&self, position: Position) -> Option<&Work> {
        self.running.get(&position)
    }

    pub(super) fn running_count(&self) -> usize {
        self.running.len()
    }

    /// Returns true if there is an event that may start.
    pub(super) fn is_ready(&self) -> bool {
        !self.ready.is_empty()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.by_id.is_empty()
    }
}

fn lane_of(work: &Work) -> LaneId {
    match &work.envelope.key {
        Some(key) => LaneId::Key(key.clone()),
        None => LaneId::Event(work.position),
    }
}
