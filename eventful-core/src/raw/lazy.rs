//! A count and a value that are rarely needed.

use std::marker::PhantomData;
use std::ptr;
use std::sync::atomic::{AtomicPtr, AtomicU32, Ordering};

/// A count from 0, and a `T` on the heap that is made when it is first asked for: together one word. Where neither was
/// needed, which is one test, its drop is another one, without a call.
pub(crate) struct Lazy<T> {
    /// Null; or the count, doubled and odd; or the value, which has the count from then on.
    word: AtomicPtr<Made<T>>,
    owned: PhantomData<Box<Made<T>>>,
}

/// What is on the heap: its address is even, since its alignment is that of its count or more.
struct Made<T> {
    count: AtomicU32,
    value: T,
}

impl<T> Lazy<T> {
    #[inline]
    pub(crate) const fn empty() -> Self {
        Self {
            word: AtomicPtr::new(ptr::null_mut()),
            owned: PhantomData,
        }
    }

    pub(crate) fn with(value: T) -> Self {
        let made = Made {
            count: AtomicU32::new(0),
            value,
        };
        Self {
            word: AtomicPtr::new(Box::into_raw(Box::new(made))),
            owned: PhantomData,
        }
    }

    /// Whether nothing was counted and nothing made.
    #[inline]
    pub(crate) fn is_empty(&self) -> bool {
        self.word.load(Ordering::Acquire).is_null()
    }

    /// As [`is_empty`](Self::is_empty): then there is nothing to drop either.
    #[inline]
    pub(crate) fn is_empty_mut(&mut self) -> bool {
        self.word.get_mut().is_null()
    }

    pub(crate) fn get(&self) -> Option<&T> {
        Some(&self.made(self.word.load(Ordering::Acquire))?.value)
    }

    pub(crate) fn count(&self) -> u32 {
        let word = self.word.load(Ordering::Acquire);
        self.made(word)
            .map_or_else(|| counted(word), |made| made.count.load(Ordering::Relaxed))
    }

    pub(crate) fn increment(&self) {
        let mut word = self.word.load(Ordering::Acquire);
        loop {
            if let Some(made) = self.made(word) {
                made.count.fetch_add(1, Ordering::Relaxed);
                return;
            }
            let more = ptr::without_provenance_mut(counted(word) as usize * 2 + 3);
            match self.exchange(word, more) {
                Ok(_) => return,
                Err(present) => word = present,
            }
        }
    }

    #[expect(clippy::unused_self, reason = "it lends what it owns")]
    fn made(&self, word: *mut Made<T>) -> Option<&Made<T>> {
        if word.addr() & 1 == 1 {
            return None;
        }
        // SAFETY: a word that is not odd is null or leads to what was made, which is there until this is dropped, and is only
        // borrowed shared.
        unsafe { word.as_ref() }
    }

    fn exchange(&self, word: *mut Made<T>, by: *mut Made<T>) -> Result<*mut Made<T>, *mut Made<T>> {
        self.word
            .compare_exchange(word, by, Ordering::AcqRel, Ordering::Acquire)
    }
}

/// The count in a word that is null or odd.
fn counted<T>(word: *mut Made<T>) -> u32 {
    u32::try_from(word.addr() >> 1).unwrap_or(u32::MAX)
}

impl<T: Default> Lazy<T> {
    pub(crate) fn get_or_make(&self) -> &T {
        let mut word = self.word.load(Ordering::Acquire);
        if let Some(made) = self.made(word) {
            return &made.value;
        }
        let mut new = Box::new(Made {
            count: AtomicU32::new(0),
            value: T::default(),
        });
        loop {
            *new.count.get_mut() = counted(word);
            let made = Box::into_raw(new);
            word = match self.exchange(word, made) {
                // SAFETY: it is there until this is dropped, and is only borrowed shared.
                Ok(_) => return unsafe { &(*made).value },
                Err(present) => present,
            };
            // SAFETY: nobody else knows the one that was made here.
            new = unsafe { Box::from_raw(made) };
            if let Some(made) = self.made(word) {
                return &made.value;
            }
        }
    }
}

impl<T> Drop for Lazy<T> {
    #[inline]
    fn drop(&mut self) {
        let word = *self.word.get_mut();
        if !word.is_null() {
            drop_made(word);
        }
    }
}

#[cold]
#[inline(never)]
fn drop_made<T>(word: *mut Made<T>) {
    if word.addr() & 1 == 0 {
        // SAFETY: its owner, which is being dropped, has made it from a box, and nobody borrows from it any more.
        drop(unsafe { Box::from_raw(word) });
    }
}

// SAFETY: it is a `Box<T>` that may be absent, and a count.
unsafe impl<T: Send> Send for Lazy<T> {}
// SAFETY: it lends `&T`, and may be given a `T` on one thread and dropped on another.
unsafe impl<T: Send + Sync> Sync for Lazy<T> {}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    #[test]
    fn it_is_made_once_and_dropped_once() {
        let lazy = Lazy::<Arc<u8>>::empty();
        assert!(lazy.is_empty());
        assert_eq!(lazy.get(), None);
        let watch = Arc::downgrade(lazy.get_or_make());
        assert_eq!(Arc::as_ptr(lazy.get_or_make()), watch.as_ptr());
        assert_eq!(lazy.get().map(|value| **value), Some(0));
        assert!(!lazy.is_empty());
        drop(lazy);
        assert!(watch.upgrade().is_none());
        assert_eq!(Lazy::with(7).get(), Some(&7));
    }

    #[test]
    fn it_counts_before_and_after_the_value_is_made() {
        let lazy = Lazy::<Arc<u8>>::empty();
        assert_eq!(lazy.count(), 0);
        lazy.increment();
        lazy.increment();
        assert_eq!((lazy.count(), lazy.get()), (2, None));
        assert!(!lazy.is_empty());
        lazy.get_or_make();
        assert_eq!(lazy.count(), 2);
        lazy.increment();
        assert_eq!((lazy.count(), lazy.get()), (3, Some(&Arc::new(0))));
    }

    #[test]
    fn a_count_alone_owns_nothing() {
        let lazy = Lazy::<String>::empty();
        lazy.increment();
        drop(lazy);
    }
}
