//! In which order things run of which some must run before others.

use std::collections::{BTreeSet, HashMap};

/// The order of `0..count`, in which each number stays where it is unless an edge moves it.
pub(crate) struct Sequence {
    /// All numbers, in order.
    pub(crate) places: Vec<usize>,
    /// The circles of numbers that wait for each other, each before the one that it waits for. There is an order all the
    /// same, as if each circle were open.
    pub(crate) circles: Vec<Vec<usize>>,
}

impl Sequence {
    /// Of each edge the first runs before the second. Among the numbers that may come next it always takes the smallest, so
    /// that there is one order.
    pub(crate) fn new(count: usize, edges: Vec<(usize, usize)>) -> Self {
        let mut followers = vec![Vec::new(); count];
        let mut leaders = vec![Vec::new(); count];
        let mut waiting_for = vec![0_usize; count];
        for (first, second) in edges {
            followers[first].push(second);
            leaders[second].push(first);
            waiting_for[second] += 1;
        }
        let mut places = Vec::with_capacity(count);
        let mut circles = Vec::new();
        let mut ready: BTreeSet<usize> = (0..count)
            .filter(|&index| waiting_for[index] == 0)
            .collect();
        let mut start = 0;
        loop {
            run_through(&mut places, ready, &followers, &mut waiting_for);
            while start < count && waiting_for[start] == 0 {
                start += 1;
            }
            if start == count {
                break;
            }
            let circle = circle(start, &leaders, &waiting_for);
            // As if this circle were open, to find the next one.
            for &index in &circle {
                waiting_for[index] = 0;
            }
            ready = circle.iter().copied().collect();
            circles.push(circle);
        }
        Self { places, circles }
    }
}

/// Appends to `sequence` those that are ready, and all that then need not wait any more, each after what it waits for.
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

/// The circle to which `start` leads, of those that wait for each other, each before the one that it waits for.
fn circle(start: usize, leaders: &[Vec<usize>], waiting_for: &[usize]) -> Vec<usize> {
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
