//! `src/sync.rs` on loom's primitives.

#![expect(
    unsafe_code,
    reason = "loom has no `OnceLock`, and this one is made of an `UnsafeCell` that loom checks"
)]

// Loom's own `Arc` cannot be the type of `self`, and nothing modelled depends on how one counts.
pub(crate) use std::sync::{Arc, PoisonError};

use loom::cell::UnsafeCell;
use loom::sync::atomic::AtomicBool;
pub(crate) use loom::sync::atomic::{AtomicU32, Ordering};
pub(crate) use loom::sync::{Mutex, MutexGuard};

/// The same promise as the standard library's: whoever finds the value finds everything that was done before it was set.
pub(crate) struct OnceLock<T> {
    is_set: AtomicBool,
    setting: Mutex<()>,
    value: UnsafeCell<Option<T>>,
}

impl<T> OnceLock<T> {
    pub(crate) fn new() -> Self {
        Self {
            is_set: AtomicBool::new(false),
            setting: Mutex::new(()),
            value: UnsafeCell::new(None),
        }
    }

    pub(crate) fn get(&self) -> Option<&T> {
        if self.is_set.load(Ordering::Acquire) {
            // SAFETY: the value is not written again once `is_set` is true.
            self.value.with(|value| unsafe { (*value).as_ref() })
        } else {
            None
        }
    }

    pub(crate) fn get_or_init(&self, make: impl FnOnce() -> T) -> &T {
        if let Some(value) = self.get() {
            return value;
        }
        let _setting = self.setting.lock();
        if self.get().is_none() {
            let new = make();
            // SAFETY: nobody else writes, because of the lock, and nobody reads, because `is_set` is false.
            self.value.with_mut(|value| unsafe { *value = Some(new) });
            self.is_set.store(true, Ordering::Release);
        }
        self.get().expect("it is set")
    }
}
