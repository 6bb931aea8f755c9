//! A count and a value that are rarely needed, in one word.

use std::marker::PhantomData;
use std::ptr;
use std::sync::atomic::{AtomicPtr, Ordering};

/// A count from 0 or, once there is more to keep, a box that has the count too. Where neither was needed, which is one test,
/// there is nothing to drop either.
///
/// One thread at a time works on it. It is safe for several all the same, because a `&Delivery` is `Sync` and a handler may
/// show it to threads of its own. Whoever looks into the box, or changes what is in it, takes it out meanwhile.
pub(crate) struct CountOrBox<T: Counting> {
    /// Null; or the count, doubled and odd; or the box, whose address is even.
    word: AtomicPtr<T>,
    owned: PhantomData<Box<T>>,
}

/// The contents of a box, which include the count.
pub(crate) trait Counting {
    fn add_to_count(&mut self, more: u32);

    /// Takes over what another thread has kept at the same time.
    fn absorb(&mut self, other: Self);
}

/// The contents that were taken out.
#[derive(Debug, PartialEq)]
pub(crate) enum Taken<T> {
    Count(u32),
    Box(Box<T>),
}

impl<T: Counting> CountOrBox<T> {
    #[inline]
    pub(crate) const fn empty() -> Self {
        const {
            assert!(align_of::<T>() > 1, "the address of a box must be even");
        };
        Self {
            word: AtomicPtr::new(ptr::null_mut()),
            owned: PhantomData,
        }
    }

    /// Returns whether nothing was counted and nothing kept.
    #[inline]
    pub(crate) fn is_empty(&self) -> bool {
        self.word.load(Ordering::Relaxed).is_null()
    }

    /// Takes everything out.
    #[inline]
    pub(crate) fn take(&self) -> Taken<T> {
        let word = self.word.swap(ptr::null_mut(), Ordering::AcqRel);
        if word.is_null() || word.addr() & 1 == 1 {
            return Taken::Count(u32::try_from(word.addr() >> 1).unwrap_or(u32::MAX));
        }
        // SAFETY: a word that is neither null nor odd was made from a box by `put`, and whoever takes it out of the word owns it.
        Taken::Box(unsafe { Box::from_raw(word) })
    }

    /// Puts a box back that was taken out, or that is the first one.
    #[inline]
    pub(crate) fn put_box(&self, value: Box<T>) {
        let word = Box::into_raw(value);
        let (before, order) = (ptr::null_mut(), Ordering::Relaxed);
        let exchanged = self
            .word
            .compare_exchange(before, word, Ordering::AcqRel, order);
        if exchanged.is_err() {
            // SAFETY: the box was not given away.
            self.put(Taken::Box(unsafe { Box::from_raw(word) }));
        }
    }

    /// Puts back what was taken out.
    pub(crate) fn put(&self, mut kept: Taken<T>) {
        loop {
            let word = match kept {
                Taken::Count(0) => return,
                Taken::Count(count) => ptr::without_provenance_mut(count as usize * 2 + 1),
                Taken::Box(value) => Box::into_raw(value),
            };
            let exchanged = self.word.compare_exchange(
                ptr::null_mut(),
                word,
                Ordering::AcqRel,
                Ordering::Relaxed,
            );
            if exchanged.is_ok() {
                return;
            }
            // Another thread has kept something meanwhile.
            let own = Self {
                word: AtomicPtr::new(word),
                owned: PhantomData,
            };
            kept = own.take().and(self.take());
        }
    }

    pub(crate) fn increment(&self) {
        self.put(self.take().and(Taken::Count(1)));
    }

    /// Changes the contents of the box, if there is one.
    pub(crate) fn change_if_boxed<R>(&self, change: impl FnOnce(&mut T) -> R) -> Option<R> {
        let mut kept = self.take();
        let result = match &mut kept {
            Taken::Count(_) => None,
            Taken::Box(value) => Some(change(value)),
        };
        self.put(kept);
        result
    }
}

impl<T: Counting> Taken<T> {
    fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Count(first), Self::Count(second)) => Self::Count(first.saturating_add(second)),
            (Self::Box(mut value), Self::Count(count))
            | (Self::Count(count), Self::Box(mut value)) => {
                value.add_to_count(count);
                Self::Box(value)
            }
            (Self::Box(mut value), Self::Box(other)) => {
                value.absorb(*other);
                Self::Box(value)
            }
        }
    }
}

impl<T: Counting> Drop for CountOrBox<T> {
    #[inline]
    fn drop(&mut self) {
        if !self.word.get_mut().is_null() {
            drop_kept(self);
        }
    }
}

#[cold]
#[inline(never)]
fn drop_kept<T: Counting>(kept: &mut CountOrBox<T>) {
    drop(kept.take());
}

// SAFETY: it is a `Box<T>` that may be absent, and a count.
unsafe impl<T: Counting + Send> Send for CountOrBox<T> {}
// SAFETY: it lends nothing: what is in the box is with one thread at a time.
unsafe impl<T: Counting + Send> Sync for CountOrBox<T> {}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::thread;

    use super::*;

    #[derive(Debug, Default)]
    struct Sum {
        count: u32,
        values: Vec<Arc<u8>>,
    }

    impl Counting for Sum {
        fn add_to_count(&mut self, more: u32) {
            self.count += more;
        }

        fn absorb(&mut self, other: Self) {
            self.count += other.count;
            self.values.extend(other.values);
        }
    }

    fn made_of(count: u32) -> Sum {
        Sum {
            count,
            values: Vec::new(),
        }
    }

    /// Changes the contents of the box, which is made of the count if there is none.
    fn change(kept: &CountOrBox<Sum>, change: impl FnOnce(&mut Sum)) {
        let mut sum = match kept.take() {
            Taken::Count(count) => Box::new(made_of(count)),
            Taken::Box(sum) => sum,
        };
        change(&mut sum);
        kept.put_box(sum);
    }

    /// The count, and how many values.
    fn taken(kept: &CountOrBox<Sum>) -> (u32, usize) {
        match kept.take() {
            Taken::Count(count) => (count, 0),
            Taken::Box(sum) => (sum.count, sum.values.len()),
        }
    }

    #[test]
    fn it_counts_before_and_after_the_box_is_made() {
        let kept = CountOrBox::<Sum>::empty();
        assert!(kept.is_empty());
        kept.increment();
        kept.increment();
        assert!(!kept.is_empty());
        assert!(kept.change_if_boxed(|_| ()).is_none());
        change(&kept, |sum| sum.values.push(Arc::new(1)));
        kept.increment();
        assert_eq!(kept.change_if_boxed(|sum| sum.count), Some(3));
        assert_eq!(taken(&kept), (3, 1));
        assert!(kept.is_empty());
    }

    #[test]
    fn what_is_in_the_box_is_dropped_once() {
        let value = Arc::new(1);
        let kept = CountOrBox::<Sum>::empty();
        change(&kept, |sum| sum.values.push(Arc::clone(&value)));
        assert_eq!(Arc::strong_count(&value), 2);
        drop(kept);
        assert_eq!(Arc::strong_count(&value), 1);
        let counted = CountOrBox::<Sum>::empty();
        counted.increment();
        drop(counted);
    }

    #[test]
    fn what_is_kept_while_the_box_is_out_is_kept_too() {
        let kept = CountOrBox::<Sum>::empty();
        change(&kept, |outer| {
            kept.increment();
            outer.values.push(Arc::new(1));
        });
        assert_eq!(taken(&kept), (1, 1), "a count");
        change(&kept, |outer| {
            change(&kept, |inner| {
                inner.values.push(Arc::new(1));
                inner.count += 1;
            });
            outer.values.push(Arc::new(2));
        });
        assert_eq!(taken(&kept), (1, 2), "a box");
        kept.increment();
        let count = kept.take();
        kept.increment();
        kept.put(count);
        assert_eq!(taken(&kept), (2, 0), "beside a count");
    }

    #[test]
    fn what_several_threads_keep_at_once_is_all_there() {
        let kept = CountOrBox::<Sum>::empty();
        thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for _ in 0..100 {
                        kept.increment();
                        change(&kept, |sum| sum.values.push(Arc::new(1)));
                    }
                });
            }
        });
        assert_eq!(taken(&kept), (400, 400));
    }
}
