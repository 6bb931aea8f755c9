//! The cost of a publish: the same handlers, called by `eventful` and by its peers.
//!
//! A [`Case`] is one workload on one peer. Its handlers count in a [`Tally`](work::Tally), and a case that has run compares the count with
//! what it has published: work that the optimiser removed, or that a peer did not do, is a panic and no result.
//!
//! `BENCHMARKS.md` has the results, and says how to get them.

#![expect(
    missing_docs,
    missing_debug_implementations,
    reason = "programs for measuring, which nobody depends on"
)]
#![expect(
    unsafe_code,
    reason = "the lint sees the link sections of linkme's slices, which are a peer; there is no unsafe block"
)]

pub mod asynchronous;
pub mod case;
pub mod failing;
pub mod fallible;
pub mod peers;
pub mod plain;
pub mod resourceful;
pub mod returning;
pub mod work;

pub use self::case::Case;
use self::plain::Published;

/// Every case there is, by workload.
#[must_use]
pub fn cases() -> Vec<Case> {
    workloads().flat_map(cases_of).collect()
}

/// The workloads.
pub fn workloads() -> impl Iterator<Item = &'static str> {
    GROUPS.iter().map(|(workload, _)| *workload)
}

/// The case of `workload` on each peer that can do it.
///
/// # Panics
///
/// If there is no such workload.
#[must_use]
pub fn cases_of(workload: &str) -> Vec<Case> {
    let group = GROUPS.iter().find(|(name, _)| *name == workload);
    let (_, make) = group.unwrap_or_else(|| panic!("no workload `{workload}`"));
    make()
}

/// The case of `workload` on `peer`.
///
/// # Panics
///
/// If there is none.
#[must_use]
pub fn case(workload: &str, peer: &str) -> Case {
    let mut cases = cases_of(workload).into_iter();
    cases
        .find(|case| case.peer == peer)
        .unwrap_or_else(|| panic!("`{peer}` does not do `{workload}`"))
}

/// A workload, and what makes its cases.
type Group = (&'static str, fn() -> Vec<Case>);

const GROUPS: &[Group] = &[
    (
        plain::none::None::WORKLOAD,
        plain::cases::<plain::none::None>,
    ),
    (plain::one::One::WORKLOAD, plain::cases::<plain::one::One>),
    (
        plain::four::Four::WORKLOAD,
        plain::cases::<plain::four::Four>,
    ),
    (
        plain::sixteen::Sixteen::WORKLOAD,
        plain::cases::<plain::sixteen::Sixteen>,
    ),
    (
        plain::sixty_four::SixtyFour::WORKLOAD,
        plain::cases::<plain::sixty_four::SixtyFour>,
    ),
    (resourceful::WORKLOAD, resourceful::cases),
    (fallible::WORKLOAD, fallible::cases),
    (failing::WITH_AN_ERROR, failing::failing::cases),
    (failing::WITH_A_PANIC, failing::panicking::cases),
    (returning::WORKLOAD, returning::cases),
    (asynchronous::READY, asynchronous::ready::cases),
    (asynchronous::PENDING, asynchronous::pending::cases),
    (
        asynchronous::READY_TOGETHER,
        asynchronous::ready_together::cases,
    ),
    (
        asynchronous::PENDING_TOGETHER,
        asynchronous::pending_together::cases,
    ),
];
