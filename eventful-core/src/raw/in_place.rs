//! Values that are owned where they lie.

use std::fmt;
use std::marker::PhantomData;
use std::mem::{self, ManuallyDrop, MaybeUninit};
use std::ops::Deref;
use std::ptr::{self, NonNull};
use std::task::Poll;

use crate::tuples::for_each_tuple;

/// A value in memory that somebody else has. It is dropped there, unless it is moved out.
///
/// A debug build copies a value each time it moves. This is handed on as a pointer, so that the value moves once.
#[doc(hidden)]
pub struct InPlace<'a, T> {
    value: NonNull<T>,
    owned: PhantomData<(&'a mut MaybeUninit<T>, T)>,
}

// SAFETY: it is a value that is `Send`.
unsafe impl<T: Send> Send for InPlace<'_, T> {}
// SAFETY: it gives out a `&T`.
unsafe impl<T: Sync> Sync for InPlace<'_, T> {}

impl<'a, T> InPlace<'a, T> {
    /// # Safety
    ///
    /// Nobody uses the value after this, or drops it.
    #[inline]
    pub(super) unsafe fn new(value: &'a mut T) -> Self {
        Self {
            value: NonNull::from(value),
            owned: PhantomData,
        }
    }

    /// Makes a value, and gives it to `body`.
    #[inline]
    pub(crate) fn with<R>(make: impl FnOnce() -> T, body: impl FnOnce(InPlace<'_, T>) -> R) -> R {
        let mut place = MaybeUninit::<T>::uninit();
        // SAFETY: the place has room for it.
        unsafe { place.as_mut_ptr().write(make()) };
        // SAFETY: it was written, and nobody drops what is in a `MaybeUninit`.
        body(unsafe { InPlace::new(place.assume_init_mut()) })
    }

    /// Polls a future, and gives its output to `body`, if it is ready. While it is polled, there is room for one output.
    #[inline]
    pub(crate) fn with_ready<R>(
        poll: impl FnOnce() -> Poll<T>,
        body: impl FnOnce(InPlace<'_, T>) -> R,
    ) -> Poll<R> {
        let mut polled = poll();
        if polled.is_pending() {
            return Poll::Pending;
        }
        Self::take_ready(&mut polled, body)
    }

    // A function of its own, whose frame is not there while the future is polled.
    #[inline]
    fn take_ready<R>(polled: &mut Poll<T>, body: impl FnOnce(InPlace<'_, T>) -> R) -> Poll<R> {
        // What is dropped last is pending, and has nothing to drop.
        let forget = Forget(polled);
        match &mut *forget.0 {
            // SAFETY: it is forgotten before it could be dropped.
            Poll::Ready(output) => Poll::Ready(body(unsafe { InPlace::new(output) })),
            Poll::Pending => Poll::Pending,
        }
    }

    /// Moves the value out.
    #[inline]
    pub(crate) fn into_inner(self) -> T {
        // SAFETY: the value is ours, and is not dropped here.
        unsafe { ptr::from_mut(self.leak()).read() }
    }

    /// Moves the value to memory that has room for it.
    ///
    /// # Safety
    ///
    /// The pointer leads to memory for a `T`, and not to where the value lies now.
    #[inline]
    pub(super) unsafe fn move_to(self, place: *mut T) {
        // SAFETY: the caller promises the memory; the value is ours, and is not dropped here.
        unsafe { ptr::copy_nonoverlapping(self.leak(), place, 1) };
    }

    /// Owns a part of the value, and forgets the rest.
    ///
    /// # Panics
    ///
    /// If what `find` returns is no part of the value.
    #[inline]
    pub(crate) fn part<P>(
        self,
        find: impl for<'v> FnOnce(&'v mut T) -> &'v mut P,
    ) -> InPlace<'a, P> {
        let value = self.value;
        // SAFETY: the value is ours, and its memory is borrowed as long as the reference.
        let part = find(unsafe { &mut *value.as_ptr() });
        let offset = ptr::from_mut(part).addr().checked_sub(value.addr().get());
        let room = size_of::<T>().checked_sub(size_of::<P>());
        assert!(
            offset.is_some_and(|offset| room.is_some_and(|room| offset <= room)),
            "no part of the value"
        );
        mem::forget(self);
        // SAFETY: it lies within the value, which was ours and is forgotten.
        unsafe { InPlace::new(part) }
    }

    /// Forgets the value, which stays where it is.
    #[inline]
    fn leak(self) -> &'a mut T {
        // SAFETY: the value is ours, and its memory is borrowed as long as the reference.
        unsafe { ManuallyDrop::new(self).value.as_mut() }
    }
}

/// A value, or the place of one that was taken.
#[doc(hidden)]
#[derive(Debug)]
// So the first byte tells which.
#[repr(u8)]
pub enum Slot<T> {
    Taken = TAKEN,
    Held(T) = 1,
}

const TAKEN: u8 = 0;

impl<T> Slot<T> {
    /// Gives the value to `body`.
    ///
    /// # Panics
    ///
    /// If it was taken before.
    #[inline]
    pub(crate) fn with<R>(&mut self, body: impl FnOnce(InPlace<'_, T>) -> R) -> R {
        let slot = ptr::from_mut(self);
        // SAFETY: it is borrowed, and nobody else has a reference to it.
        let Self::Held(value) = (unsafe { &mut *slot }) else {
            panic!("it was taken")
        };
        // SAFETY: the byte is not one of the value, and says now that there is none.
        unsafe { slot.cast::<u8>().write(TAKEN) };
        // SAFETY: nobody knows of it any longer.
        body(unsafe { InPlace::new(value) })
    }
}

/// Forgets the output that another has, also when that panics.
struct Forget<'a, T>(&'a mut Poll<T>);

impl<T> Drop for Forget<'_, T> {
    #[inline]
    fn drop(&mut self) {
        if mem::needs_drop::<T>() {
            // SAFETY: it is a `Poll`, whose value is not dropped.
            unsafe { ptr::from_mut(self.0).write(Poll::Pending) };
        }
    }
}

impl<'a, T> InPlace<'a, Option<T>> {
    #[inline]
    pub(crate) fn option(self) -> Option<InPlace<'a, T>> {
        // SAFETY: it was ours and is forgotten.
        let own = |value| unsafe { InPlace::new(value) };
        self.leak().as_mut().map(own)
    }
}

impl<'a, T, E> InPlace<'a, Result<T, E>> {
    #[inline]
    pub(crate) fn result(self) -> Result<InPlace<'a, T>, InPlace<'a, E>> {
        match self.leak() {
            // SAFETY: it was ours and is forgotten.
            Ok(value) => Ok(unsafe { InPlace::new(value) }),
            // SAFETY: as above.
            Err(error) => Err(unsafe { InPlace::new(error) }),
        }
    }
}

impl<T> InPlace<'_, Vec<T>> {
    /// Gives one value after the other to `body`, as long as there is no error. What is left then is dropped.
    pub(crate) fn try_for_each<E>(
        self,
        mut body: impl FnMut(InPlace<'_, T>) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut rest = Rest {
            values: self.into_inner(),
            first: 0,
            end: 0,
        };
        rest.end = rest.values.len();
        // SAFETY: none is more than there are, and `Rest` drops those that are left.
        unsafe { rest.values.set_len(0) };
        while rest.first < rest.end {
            // SAFETY: it is one of the values, and is not looked at again.
            let value = unsafe { &mut *rest.values.as_mut_ptr().add(rest.first) };
            rest.first += 1;
            // SAFETY: as above.
            body(unsafe { InPlace::new(value) })?;
        }
        Ok(())
    }
}

/// The values of a `Vec` whose length is 0 that are still there.
struct Rest<T> {
    values: Vec<T>,
    first: usize,
    end: usize,
}

impl<T> Drop for Rest<T> {
    fn drop(&mut self) {
        // SAFETY: the values are there, and the `Vec` does not know it.
        unsafe {
            let first = self.values.as_mut_ptr().add(self.first);
            ptr::slice_from_raw_parts_mut(first, self.end - self.first).drop_in_place();
        }
    }
}

macro_rules! tuples {
    () => {};
    ($($part:ident)+) => {
        impl<'a, $($part),*> InPlace<'a, ($($part,)*)> {
            #[inline]
            pub(crate) fn parts(self) -> ($(InPlace<'a, $part>,)*) {
                #[expect(non_snake_case, reason = "one variable for each type")]
                let ($($part,)*) = self.leak();
                // SAFETY: each was ours and is forgotten.
                ($(unsafe { InPlace::new($part) },)*)
            }
        }
    };
}

for_each_tuple!(tuples: A B C D E F G H);

impl<T> Deref for InPlace<'_, T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        // SAFETY: the value is ours, and borrowed as long as the reference.
        unsafe { self.value.as_ref() }
    }
}

impl<T> Drop for InPlace<'_, T> {
    #[inline]
    fn drop(&mut self) {
        if mem::needs_drop::<T>() {
            // SAFETY: the value is ours, and nobody uses it after this.
            unsafe { self.value.drop_in_place() };
        }
    }
}

impl<T> fmt::Debug for InPlace<'_, T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("InPlace")
    }
}

#[cfg(test)]
mod tests;
