//! The faults that are found: what was committed, against what was handled.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// An event: its key, and a number that grows with each event of a key.
pub(crate) type Event = (i64, i64);

/// The faults of one subscription. There are none if all lists are empty.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Verdict {
    /// Committed, and not handled.
    pub(crate) lost: Vec<Event>,
    /// Handled, and not committed.
    pub(crate) phantom: Vec<Event>,
    /// Handled more than once.
    pub(crate) repeated: Vec<Event>,
    /// First handled after a later one of its key.
    pub(crate) overtaken: Vec<Event>,
}

impl Verdict {
    pub(crate) fn of(committed: &[Event], handled: &[Event]) -> Self {
        let mut verdict = Self::default();
        let committed: BTreeSet<_> = committed.iter().copied().collect();
        let mut seen = BTreeSet::new();
        let mut latest = BTreeMap::new();
        for &event in handled {
            let (key, number) = event;
            if !committed.contains(&event) {
                verdict.phantom.push(event);
            }
            if !seen.insert(event) {
                verdict.repeated.push(event);
            } else if *latest.entry(key).or_insert(number) > number {
                verdict.overtaken.push(event);
            } else {
                latest.insert(key, number);
            }
        }
        verdict.lost = committed.difference(&seen).copied().collect();
        verdict
    }

    /// Asserts that each event was handled at least once, and in order.
    pub(crate) fn assert_at_least_once(&self) {
        let without_repeats = Self {
            lost: self.lost.clone(),
            phantom: self.phantom.clone(),
            repeated: Vec::new(),
            overtaken: self.overtaken.clone(),
        };
        assert_eq!(without_repeats, Self::default(), "{self}");
    }

    /// Asserts that each event was handled once, and in order.
    pub(crate) fn assert_exactly_once(&self) {
        assert_eq!(*self, Self::default(), "{self}");
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "{} lost, {} phantom, {} repeated, {} overtaken",
            self.lost.len(),
            self.phantom.len(),
            self.repeated.len(),
            self.overtaken.len(),
        )
    }
}

#[test]
fn each_fault_is_found() {
    let committed = [(1, 1), (1, 2), (2, 3), (1, 4)];
    let verdict = Verdict::of(&committed, &[(1, 2), (1, 1), (2, 3), (2, 3), (7, 7)]);
    let expected = Verdict {
        lost: vec![(1, 4)],
        phantom: vec![(7, 7)],
        repeated: vec![(2, 3)],
        overtaken: vec![(1, 1)],
    };
    assert_eq!(verdict, expected);
    Verdict::of(&committed, &committed).assert_exactly_once();
}
