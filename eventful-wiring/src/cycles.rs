//! Cycles in a graph whose nodes are numbers.

use std::collections::{BTreeSet, VecDeque};

/// Returns the shortest cycle through each edge that is part of any; each cycle once, from its smallest node on.
///
/// All cycles could be too many to count: their number grows exponentially.
pub(crate) fn shortest(followers: &[Vec<usize>]) -> BTreeSet<Vec<usize>> {
    let mut cycles = BTreeSet::new();
    for (from, nodes) in followers.iter().enumerate() {
        for &to in nodes {
            if let Some(mut cycle) = shortest_path(followers, to, from) {
                let smallest = cycle.iter().enumerate().min_by_key(|(_, node)| **node);
                let first = smallest.map_or(0, |(index, _)| index);
                cycle.rotate_left(first);
                cycles.insert(cycle);
            }
        }
    }
    cycles
}

/// The nodes from `from` to `to`, both included.
fn shortest_path(followers: &[Vec<usize>], from: usize, to: usize) -> Option<Vec<usize>> {
    let mut reached_from = vec![None; followers.len()];
    reached_from[from] = Some(from);
    let mut queue = VecDeque::from([from]);
    while let Some(node) = queue.pop_front() {
        if node == to {
            let mut path = vec![to];
            let mut node = to;
            while node != from {
                node = reached_from[node]?;
                path.push(node);
            }
            path.reverse();
            return Some(path);
        }
        for &follower in &followers[node] {
            if reached_from[follower].is_none() {
                reached_from[follower] = Some(node);
                queue.push_back(follower);
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::shortest;

    fn cycles(followers: &[&[usize]]) -> Vec<Vec<usize>> {
        let followers: Vec<_> = followers.iter().map(|nodes| nodes.to_vec()).collect();
        shortest(&followers).into_iter().collect()
    }

    #[test]
    fn a_graph_without_cycles_has_none() {
        assert!(cycles(&[&[1, 2], &[2], &[]]).is_empty());
    }

    #[test]
    fn a_node_that_follows_itself_is_one() {
        assert_eq!(cycles(&[&[], &[1]]), [[1]]);
    }

    #[test]
    fn each_cycle_is_there_once_from_its_smallest_node_on() {
        assert_eq!(cycles(&[&[1], &[2], &[0], &[1]]), [[0, 1, 2]]);
    }

    #[test]
    fn every_edge_in_a_cycle_is_in_one_of_them() {
        // 0 → 1 → 2 → 0, and the way back from each.
        assert_eq!(
            cycles(&[&[1, 2], &[2, 0], &[0, 1]]),
            [[0, 1], [0, 2], [1, 2]]
        );
    }

    #[test]
    fn many_cycles_are_found_in_little_time() {
        let all: Vec<usize> = (0..60).collect();
        let followers: Vec<Vec<usize>> = (0..60).map(|_| all.clone()).collect();
        // Each node with itself, and each pair.
        assert_eq!(shortest(&followers).len(), 60 + 60 * 59 / 2);
    }
}
