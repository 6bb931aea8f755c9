//! The retries of a partition, as far as they keep keys shut.

use std::collections::{BTreeMap, BTreeSet};

use crate::store::{Needs, Outstanding, Position};

/// The positions that have a retry, or will with the next acknowledgement.
#[derive(Default)]
pub(super) struct Retries {
    by_position: BTreeMap<Position, Option<String>>,
    by_key: BTreeMap<String, BTreeSet<Position>>,
    parked: BTreeMap<Position, Needs>,
}

impl Retries {
    pub(super) fn of(outstanding: Vec<Outstanding>) -> Self {
        let mut retries = Self::default();
        for row in outstanding {
            retries.insert(row.position, row.key);
            retries
                .parked
                .extend(row.parked.map(|needs| (row.position, needs)));
        }
        retries
    }

    pub(super) fn insert(&mut self, position: Position, key: Option<String>) {
        if let Some(key) = &key {
            let of_key = self.by_key.entry(key.clone()).or_default();
            of_key.insert(position);
        }
        self.by_position.insert(position, key);
        self.parked.remove(&position);
    }

    pub(super) fn park(&mut self, position: Position, key: Option<String>, needs: Needs) {
        self.insert(position, key);
        self.parked.insert(position, needs);
    }

    pub(super) fn remove(&mut self, position: Position) -> bool {
        self.parked.remove(&position);
        let Some(key) = self.by_position.remove(&position) else {
            return false;
        };
        if let Some(key) = key
            && let Some(of_key) = self.by_key.get_mut(&key)
        {
            of_key.remove(&position);
            if of_key.is_empty() {
                self.by_key.remove(&key);
            }
        }
        true
    }

    pub(super) fn contains(&self, position: Position) -> bool {
        self.by_position.contains_key(&position)
    }

    /// Returns true if later events of the key have to wait.
    pub(super) fn shuts(&self, key: Option<&str>) -> bool {
        key.is_some_and(|key| self.by_key.contains_key(key))
    }

    pub(super) fn len(&self) -> usize {
        self.by_position.len()
    }

    pub(super) fn parked(&self) -> impl Iterator<Item = (Position, &Needs)> {
        self.parked
            .iter()
            .map(|(position, needs)| (*position, needs))
    }
}
