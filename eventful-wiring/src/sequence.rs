//! The order of things of which some must run before others.

use std::collections::{BTreeSet, HashMap};

/// An order of the numbers `0..count`, in which each number stays where it is unless an edge moves it.
pub(crate) struct Sequence {
    /// All numbers, in order.
    pub(crate) order: Vec<usize>,
    /// The cycles of numbers that wait for each other. Each number waits for the next. There is an order all the same,
    /// as if each cycle were open.
    pub(crate) cycles: Vec<Vec<usize>>,
}

impl Sequence {
    /// Puts the first number of each edge before the second. Among the numbers that may come next it always takes the
    /// smallest, so that there is one order.
    pub(crate) fn new(count: usize, edges: Vec<(usize, usize)>) -> Self {
        let mut followers = vec![Vec::new(); count];
        let mut leaders = vec![Vec::new(); count];
        let mut waiting_for = vec![0_usize; count];
        for (first, second) in edges {
            followers[first].push(second);
            leaders[second].push(first);
            waiting_for[second] += 1;
        }
        let mut order = Vec::with_capacity(count);
        let mut cycles = Vec::new();
        let mut ready: BTreeSet<usize> = (0..count)
            .filter(|&index| waiting_for[index] == 0)
            .collect();
        let mut start = 0;
        loop {
            run_through(&mut order, ready, &followers, &mut waiting_for);
            while start < count && waiting_for[start] == 0 {
                start += 1;
            }
            if start == count {
                break;
            }
            let cycle = cycle(start, &leaders, &waiting_for);
            // The search goes on as if this cycle were open, to find the next one.
            for &index in &cycle {
                waiting_for[index] = 0;
            }
            ready = cycle.iter().copied().collect();
            cycles.push(cycle);
        }
        Self { order, cycles }
    }
}

/// Appends the numbers that are ready to `sequence`, and those that need not wait any more after them.
fn run_through(
    sequence: &mut Vec<usize>,
    mut ready: BTreeSet<usize>,
    followers: &[Vec<usize>],
    waiting_for: &mut [usize],
) {
    while let Some(next) = ready.pop_first() {
        sequence.push(next);
        for &follower in &followers[next] {
            if waiting_for[follower] > 0 {
                waiting_for[follower] -= 1;
                if waiting_for[follower] == 0 {
                    ready.insert(follower);
                }
            }
        }
    }
}

/// The cycle to which `start` leads among the numbers that wait for each other. Each number waits for the next.
fn cycle(start: usize, leaders: &[Vec<usize>], waiting_for: &[usize]) -> Vec<usize> {
    let mut path = Vec::new();
    let mut steps = HashMap::new();
    let mut next = Some(start);
    while let Some(index) = next {
        if let Some(step) = steps.insert(index, path.len()) {
            return path.split_off(step);
        }
        path.push(index);
        let leaders = leaders[index].iter().copied();
        next = leaders.filter(|&first| waiting_for[first] > 0).min();
    }
    path
}
