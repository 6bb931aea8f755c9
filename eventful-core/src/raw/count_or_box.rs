//! A count and values that are rarely needed, in one word.

use std::marker::PhantomData;
use std::ptr;
use std::sync::atomic::{AtomicPtr, Ordering};

use super::thin_box::{Head, ThinBox};

/// A count from 0; or, where there is something else to keep, a thin box of one kind, or a box of another. Where nothing was
/// needed, which is one test, there is nothing to drop either.
///
/// One thread at a time works on it. It is safe for several all the same, because a `&Delivery` is `Sync` and a handler may
/// show it to threads of its own. Whoever looks into a box, or changes what is in it, takes it out meanwhile.
pub(crate) struct CountOrBox<H: Head, T: Merge<H>> {
    /// Null; or the count, four times and one; or the thin box, whose address is a multiple of four, and two; or the box, whose
    /// address is a multiple of four.
    word: AtomicPtr<()>,
    owned: PhantomData<(ThinBox<H>, Box<T>)>,
}

const TAG: usize = 0b11;
const COUNT: usize = 0b01;
const THIN: usize = 0b10;

/// The contents of a [`CountOrBox`].
pub(crate) enum Kept<H: Head, T> {
    Count(u32),
    Thin(ThinBox<H>),
    Box(Box<T>),
}

/// The contents of a box, which may also hold the count and the thin boxes.
pub(crate) trait Merge<H: Head>: Send + Sized {
    /// Puts together what was kept one after the other.
    fn merge(first: Kept<H, Self>, second: Kept<H, Self>) -> Kept<H, Self>;
}

impl<H: Head, T: Merge<H>> CountOrBox<H, T> {
    #[inline]
    pub(crate) const fn empty() -> Self {
        const {
            assert!(align_of::<T>() > TAG && align_of::<&()>() > TAG);
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
    pub(crate) fn take(&self) -> Kept<H, T> {
        let word = self.word.swap(ptr::null_mut(), Ordering::AcqRel);
        // SAFETY: whoever takes a word out owns it.
        unsafe { Kept::from_word(word) }
    }

    /// Puts back what was taken out, or what is the first to be kept.
    #[inline]
    pub(crate) fn put(&self, kept: Kept<H, T>) {
        let word = kept.into_word();
        let (before, order) = (ptr::null_mut(), Ordering::Relaxed);
        let exchanged = self
            .word
            .compare_exchange(before, word, Ordering::AcqRel, order);
        if exchanged.is_err() {
            // SAFETY: the word was not given away.
            self.put_beside(unsafe { Kept::from_word(word) });
        }
    }

    /// Keeps something beside what another thread has kept meanwhile.
    #[cold]
    fn put_beside(&self, kept: Kept<H, T>) {
        self.put(T::merge(self.take(), kept));
    }

    pub(crate) fn increment(&self) {
        self.put(T::merge(self.take(), Kept::Count(1)));
    }

    /// Changes the contents of the box, if there is one.
    pub(crate) fn change_if_boxed<R>(&self, change: impl FnOnce(&mut T) -> R) -> Option<R> {
        let mut kept = self.take();
        let result = match &mut kept {
            Kept::Count(_) | Kept::Thin(_) => None,
            Kept::Box(value) => Some(change(value)),
        };
        self.put(kept);
        result
    }
}

impl<H: Head, T> Kept<H, T> {
    #[inline]
    fn into_word(self) -> *mut () {
        match self {
            Self::Count(0) => ptr::null_mut(),
            Self::Count(count) => ptr::without_provenance_mut(count as usize * (TAG + 1) + COUNT),
            Self::Thin(value) => value.into_raw().map_addr(|address| address + THIN),
            Self::Box(value) => Box::into_raw(value).cast(),
        }
    }

    /// # Safety
    ///
    /// The word must come from `into_word` of the same type, and is used up.
    #[inline]
    unsafe fn from_word(word: *mut ()) -> Self {
        if word.is_null() {
            return Self::Count(0);
        }
        match word.addr() & TAG {
            0 => {
                // SAFETY: a word with this tag was made from a box.
                Self::Box(unsafe { Box::from_raw(word.cast()) })
            }
            THIN => {
                // SAFETY: a word with this tag was made from a thin box.
                Self::Thin(unsafe { ThinBox::from_raw(word.map_addr(|address| address - THIN)) })
            }
            _ => Self::Count(u32::try_from(word.addr() / (TAG + 1)).unwrap_or(u32::MAX)),
        }
    }
}

impl<H: Head, T: Merge<H>> Drop for CountOrBox<H, T> {
    #[inline]
    fn drop(&mut self) {
        if !self.word.get_mut().is_null() {
            drop_kept(self);
        }
    }
}

#[cold]
#[inline(never)]
fn drop_kept<H: Head, T: Merge<H>>(kept: &mut CountOrBox<H, T>) {
    drop(kept.take());
}

// SAFETY: it is a count, a `ThinBox<H>` or a `Box<T>`, which are `Send`.
unsafe impl<H: Head, T: Merge<H>> Send for CountOrBox<H, T> {}
// SAFETY: it lends nothing: what is in a box is with one thread at a time.
unsafe impl<H: Head, T: Merge<H>> Sync for CountOrBox<H, T> {}

#[cfg(test)]
mod tests;
