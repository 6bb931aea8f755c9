//! A value that is rarely needed.

use std::marker::PhantomData;
use std::ptr;
use std::sync::atomic::{AtomicPtr, Ordering};

/// A `T` on the heap, made when it is first asked for. Where it never is, its drop is one test, without a call.
pub(crate) struct Lazy<T> {
    value: AtomicPtr<T>,
    owned: PhantomData<Box<T>>,
}

impl<T> Lazy<T> {
    #[inline]
    pub(crate) const fn empty() -> Self {
        Self {
            value: AtomicPtr::new(ptr::null_mut()),
            owned: PhantomData,
        }
    }

    pub(crate) fn with(value: T) -> Self {
        Self {
            value: AtomicPtr::new(Box::into_raw(Box::new(value))),
            owned: PhantomData,
        }
    }

    #[inline]
    pub(crate) fn get(&self) -> Option<&T> {
        // SAFETY: the pointer is null or leads to the value, which is there until this is dropped, and is only borrowed
        // shared.
        unsafe { self.value.load(Ordering::Acquire).as_ref() }
    }
}

impl<T: Default> Lazy<T> {
    pub(crate) fn get_or_make(&self) -> &T {
        if let Some(value) = self.get() {
            return value;
        }
        let made = Box::into_raw(Box::<T>::default());
        let exchanged =
            self.value
                .compare_exchange(ptr::null_mut(), made, Ordering::AcqRel, Ordering::Acquire);
        let value = match exchanged {
            Ok(_) => made,
            Err(present) => {
                // SAFETY: nobody else knows the one that was made here.
                drop(unsafe { Box::from_raw(made) });
                present
            }
        };
        // SAFETY: as in `get`.
        unsafe { &*value }
    }
}

impl<T> Drop for Lazy<T> {
    #[inline]
    fn drop(&mut self) {
        let value = *self.value.get_mut();
        if !value.is_null() {
            // SAFETY: it was made from a box, by `with` or `get_or_make`, and nobody borrows from it any more.
            drop_boxed(unsafe { Box::from_raw(value) });
        }
    }
}

#[cold]
#[inline(never)]
fn drop_boxed<T>(value: Box<T>) {
    drop(value);
}

// SAFETY: it is a `Box<T>` that may be absent.
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
        assert_eq!(lazy.get(), None);
        let watch = Arc::downgrade(lazy.get_or_make());
        assert_eq!(Arc::as_ptr(lazy.get_or_make()), watch.as_ptr());
        assert_eq!(lazy.get().map(|value| **value), Some(0));
        drop(lazy);
        assert!(watch.upgrade().is_none());
        assert_eq!(Lazy::with(7).get(), Some(&7));
    }
}
