//! A reference without a lifetime to one of two types, as large as a reference.

use std::hint;
use std::marker::PhantomData;
use std::ptr;

use super::scoped_ref::ScopedRef;

/// A [`ScopedRef`] to an `A` or to a `B`, or none. The pointer to an `A` leads to its second byte, and so is odd: to find
/// out that there is none takes one instruction.
pub(crate) struct EitherRef<A, B> {
    pointer: *const (),
    referents: PhantomData<(ScopedRef<A>, ScopedRef<B>)>,
}

// SAFETY: it is a shared reference.
unsafe impl<A: Sync, B: Sync> Send for EitherRef<A, B> {}
// SAFETY: as above.
unsafe impl<A: Sync, B: Sync> Sync for EitherRef<A, B> {}

impl<A, B> EitherRef<A, B> {
    const ALIGNED: () = assert!(
        align_of::<A>() > 1 && align_of::<B>() > 1,
        "their addresses must be even"
    );

    #[inline]
    pub(crate) const fn none() -> Self {
        Self::of(ptr::null())
    }

    #[inline]
    pub(crate) fn first(value: ScopedRef<A>) -> Self {
        let pointer = ptr::from_ref(&*value).cast::<()>();
        // SAFETY: it is aligned. Where the reference was made, nobody need look then.
        unsafe { hint::assert_unchecked(pointer.addr() & 1 == 0) };
        Self::of(pointer.wrapping_byte_add(1))
    }

    pub(crate) fn second(value: ScopedRef<B>) -> Self {
        Self::of(ptr::from_ref(&*value).cast())
    }

    #[inline]
    const fn of(pointer: *const ()) -> Self {
        const { Self::ALIGNED };
        Self {
            pointer,
            referents: PhantomData,
        }
    }

    #[inline]
    fn is_first(&self) -> bool {
        self.pointer.addr() & 1 == 1
    }

    /// Returns the `A`, if it is one.
    #[inline]
    pub(crate) fn as_first(&self) -> Option<&A> {
        let value = self.pointer.wrapping_byte_sub(1).cast::<A>();
        // SAFETY: if it is odd, it was made of a `ScopedRef<A>`, and leads to what that leads to.
        self.is_first().then(|| unsafe { &*value })
    }

    /// Returns the `B`, if it is one.
    pub(crate) fn as_second(&self) -> Option<&B> {
        if self.is_first() {
            return None;
        }
        // SAFETY: it is null, or was made of a `ScopedRef<B>`, and leads to what that leads to.
        unsafe { self.pointer.cast::<B>().as_ref() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_leads_to_one_of_the_two_or_to_none() {
        let (number, text) = (7_u64, String::from("text"));
        let none = EitherRef::<u64, String>::none();
        assert_eq!((none.as_first(), none.as_second()), (None, None));
        let first = EitherRef::<u64, String>::first(ScopedRef::new(&number));
        assert_eq!((first.as_first(), first.as_second()), (Some(&7), None));
        let second = EitherRef::<u64, String>::second(ScopedRef::new(&text));
        assert_eq!((second.as_first(), second.as_second()), (None, Some(&text)));
        assert_eq!(size_of_val(&second), size_of::<&String>());
    }
}
