//! In which order things run of which some must run before others.

use std::collections::BTreeSet;

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
        let mut waiting_for = vec![0_usize; count];
        for (first, second) in edges {
            followers[first].push(second);
            waiting_for[second] += 1;
        }
        let mut places = Vec::with_capacity(count);
        let mut circles = Vec::new();
        loop {
            run_through(&mut places, &followers, &mut waiting_for);
            let circle = circle(&followers, &waiting_for);
            if circle.is_empty() {
                break;
            }
            // As if this circle were open, to find the next one.
            for &index in &circle {
                waiting_for[index] = 0;
            }
            circles.push(circle);
        }
        Self { places, circles }
    }
}

/// Appends to `sequence` all that need not wait for ever, each after what it waits for.
fn run_through(sequence: &mut Vec<usize>, followers: &[Vec<usize>], waiting_for: &mut [usize]) {
    let is_new = |index: &usize| waiting_for[*index] == 0 && !sequence.contains(index);
    let mut ready: BTreeSet<usize> = (0..followers.len()).filter(is_new).collect();
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

/// One circle among the handlers that wait for each other, each before the one that it waits for.
fn circle(followers: &[Vec<usize>], waiting_for: &[usize]) -> Vec<usize> {
    let waits = |index: usize| {
        (0..followers.len())
            .find(|&first| waiting_for[first] > 0 && followers[first].contains(&index))
    };
    let mut path: Vec<usize> = Vec::new();
    let mut next = (0..followers.len()).find(|&index| waiting_for[index] > 0);
    while let Some(index) = next {
        if let Some(start) = path.iter().position(|&earlier| earlier == index) {
            return path.split_off(start);
        }
        path.push(index);
        next = waits(index);
    }
    path
}
