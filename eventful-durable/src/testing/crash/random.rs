//! Random numbers that a seed repeats.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// [SplitMix64](https://prng.di.unimi.it/splitmix64.c).
#[derive(Debug)]
pub(super) struct Random(AtomicU64);

impl Random {
    pub(super) fn new(seed: u64) -> Self {
        Self(AtomicU64::new(seed))
    }

    pub(super) fn next(&self) -> u64 {
        const STEP: u64 = 0x9e37_79b9_7f4a_7c15;
        let state = self.0.fetch_add(STEP, Ordering::Relaxed).wrapping_add(STEP);
        let mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `bound`.
    pub(super) fn below(&self, bound: u64) -> u64 {
        self.next() % bound
    }

    /// True in so many of a hundred cases.
    pub(super) fn percent(&self, percent: u64) -> bool {
        self.below(100) < percent
    }

    /// A time up to `most` milliseconds.
    pub(super) fn millis(&self, most: u64) -> Duration {
        Duration::from_millis(self.below(most + 1))
    }

    /// A time from `least` to `most`.
    pub(super) fn between(&self, least: Duration, most: Duration) -> Duration {
        let part = u32::try_from(self.below(1_001)).unwrap_or(0);
        least + most.saturating_sub(least) * part / 1_000
    }

    /// An index of a list of this length.
    pub(super) fn index(&self, length: usize) -> usize {
        usize::try_from(self.next() >> 33).unwrap_or(0) % length.max(1)
    }

    pub(super) fn choose<'a, T>(&self, of: &'a [T]) -> Option<&'a T> {
        of.get(self.index(of.len()))
    }
}
