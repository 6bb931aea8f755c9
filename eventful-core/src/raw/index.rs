//! The dense number that the registry gives to each event, so that finding an event's table is one array access.

use crate::sync::{AtomicU32, Ordering};

/// A number that is given once, while the registry is made.
///
/// `Relaxed` is enough: whoever holds a bus was handed it after the registry was made, and that handing over is the
/// synchronisation. The model in `tests/loom.rs` holds this.
#[derive(Debug)]
pub(crate) struct Index(AtomicU32);

impl Index {
    /// The number of an index that is not assigned yet: past the end of every array.
    pub(crate) const UNASSIGNED: u32 = u32::MAX;

    pub(crate) const fn new(unassigned: AtomicU32) -> Self {
        Self(unassigned)
    }

    #[inline]
    pub(crate) fn get(&self) -> usize {
        self.0.load(Ordering::Relaxed) as usize
    }

    /// Numbers `indexes` from 0.
    pub(crate) fn assign(indexes: &[&Self]) {
        for (number, index) in (0_u32..).zip(indexes) {
            index.0.store(number, Ordering::Relaxed);
        }
    }
}
