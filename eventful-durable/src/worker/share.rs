//! The fair share of a worker, where others can run the same subscriptions. Nothing rests on it but balance.

use std::collections::BTreeMap;

use crate::store::{Announcement, Partition};

/// The partitions that a worker could run and those that it runs, and the other workers.
pub(super) struct Share<'a> {
    /// The subscriptions of this worker, with the number of their partitions.
    pub(super) mine: BTreeMap<&'a str, usize>,
    pub(super) held: &'a [Partition],
    pub(super) peers: &'a [Announcement],
}

impl Share<'_> {
    /// Returns true if the worker has less than its share of what it could run together with those who know this
    /// subscription.
    pub(super) fn has_room_for(&self, subscription: &str) -> bool {
        let peers = self.peers_of(subscription);
        peers.is_empty() || self.held_with(&peers) < self.total(&peers).div_ceil(peers.len() + 1)
    }

    /// Returns a partition that this worker has above its share, where somebody who knows it has less than the share.
    pub(super) fn surplus(&self) -> Option<&Partition> {
        self.held.iter().rev().find(|partition| {
            let peers = self.peers_of(&partition.subscription);
            let (total, workers) = (self.total(&peers), peers.len() + 1);
            let is_poor = |peer: &&Announcement| peer.holds.len() < total / workers;
            peers.iter().any(is_poor) && self.held_with(&peers) > total.div_ceil(workers)
        })
    }

    fn peers_of(&self, subscription: &str) -> Vec<&Announcement> {
        let peers = self.peers.iter();
        peers
            .filter(|peer| peer.knows.contains_key(subscription))
            .collect()
    }

    /// The number of partitions that this worker shares with one of these.
    fn total(&self, peers: &[&Announcement]) -> usize {
        let mine = self.mine.iter();
        let shared = mine.filter(|(id, _)| is_known_to(peers, id));
        shared.map(|(_, partitions)| partitions).sum()
    }

    fn held_with(&self, peers: &[&Announcement]) -> usize {
        let held = self.held.iter();
        held.filter(|partition| is_known_to(peers, &partition.subscription))
            .count()
    }
}

fn is_known_to(peers: &[&Announcement], subscription: &str) -> bool {
    peers
        .iter()
        .any(|peer| peer.knows.contains_key(subscription))
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn peer(knows: &[&str], holds: &[&str]) -> Announcement {
        Announcement {
            worker: Uuid::nil(),
            label: String::new(),
            knows: knows
                .iter()
                .map(|id| ((*id).to_owned(), BTreeMap::new()))
                .collect(),
            holds: holds.iter().copied().map(Partition::first_of).collect(),
        }
    }

    #[test]
    fn a_worker_of_another_program_takes_no_share() {
        let share = Share {
            mine: BTreeMap::from([("a", 1), ("b", 1)]),
            held: &[Partition::first_of("a")],
            peers: &[peer(&["other"], &[])],
        };
        assert!(share.has_room_for("b"));
        assert_eq!(share.surplus(), None);
    }

    #[test]
    fn workers_of_one_program_take_as_many_each() {
        let held = ["a", "b", "c"].map(Partition::first_of);
        let mine = BTreeMap::from([("a", 1), ("b", 1), ("c", 1), ("d", 1)]);
        let all = ["a", "b", "c", "d"];
        let share = |held, peers| Share {
            mine: mine.clone(),
            held,
            peers,
        };
        let idle = [peer(&all, &[])];
        assert!(share(&held[..1], &idle).has_room_for("b"));
        assert!(!share(&held[..2], &idle).has_room_for("c"));
        assert_eq!(share(&held[..2], &idle).surplus(), None);
        assert_eq!(share(&held, &idle).surplus(), Some(&held[2]));
        let busy = [peer(&all, &["d", "x"])];
        assert_eq!(
            share(&held, &busy).surplus(),
            None,
            "nobody has less than a share"
        );
    }
}
