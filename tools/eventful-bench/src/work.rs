//! The work of every handler, on every peer.

use std::hint::black_box;
use std::sync::atomic::{AtomicU64, Ordering};

/// The sum of the work that handlers have done. One thread at a time adds to it, so that no handler pays for an atomic read-modify-write.
#[derive(Default)]
#[repr(align(128))]
pub struct Tally {
    calls: AtomicU64,
    sum: AtomicU64,
}

impl Tally {
    #[inline]
    fn add(&self, value: u64) {
        self.calls.store(self.calls() + 1, Ordering::Relaxed);
        let sum = self.sum.load(Ordering::Relaxed);
        self.sum.store(sum.wrapping_add(value), Ordering::Relaxed);
    }

    pub fn calls(&self) -> u64 {
        self.calls.load(Ordering::Relaxed)
    }

    /// The sum of everything that was added.
    pub fn sum(&self) -> u64 {
        self.sum.load(Ordering::Relaxed)
    }
}

/// The contents of an event.
#[derive(Clone, Copy)]
pub struct Payload {
    pub number: u64,
    pub tally: &'static Tally,
}

impl Payload {
    /// The work of a handler: `salt` is its own, so that no two handlers are one.
    #[inline]
    pub fn work(&self, salt: u64) {
        self.tally.add(mix(self.number, salt));
    }
}

/// The resource in which handlers count.
#[derive(Clone, Copy, bevy_ecs::resource::Resource, evenio::component::Component)]
pub struct Counter(pub &'static Tally);

impl Counter {
    /// Does the work of [`Payload::work`].
    #[inline]
    pub fn work(&self, payload: &Payload, salt: u64) {
        self.0.add(mix(payload.number, salt));
    }
}

/// A dozen instructions that depend on each other.
#[inline]
fn mix(number: u64, salt: u64) -> u64 {
    let mixed = (number ^ salt).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (mixed ^ (mixed >> 32)).wrapping_mul(0xd6e8_feb8_6659_fd93)
}

/// A number for each name.
#[must_use]
pub const fn salt(name: &str) -> u64 {
    let bytes = name.as_bytes();
    let mut hash = 0xcbf2_9ce4_8422_2325;
    let mut index = 0;
    while index < bytes.len() {
        hash = (hash ^ bytes[index] as u64).wrapping_mul(0x0100_0000_01b3);
        index += 1;
    }
    hash
}

/// Publishes `publishes` events, each with the next number; the reference comes out of a black box.
#[inline]
pub fn repeat<E>(
    publishes: u64,
    tally: &'static Tally,
    event: impl Fn(Payload) -> E,
    mut publish: impl FnMut(&E),
) {
    for number in 0..publishes {
        publish(black_box(&event(Payload { number, tally })));
    }
}
