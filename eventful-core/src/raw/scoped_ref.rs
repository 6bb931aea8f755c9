//! References without a lifetime: to what outlives their holder, or to what is there at times.

use std::marker::PhantomData;
use std::ops::Deref;
use std::ptr::{self, NonNull};
use std::sync::atomic::{AtomicPtr, Ordering};

/// A reference to what outlives its holder: [`Borrowing`] and [`CallFutures`](super::CallFutures) lend it to what they make.
pub(crate) struct ScopedRef<T: ?Sized>(NonNull<T>);

// SAFETY: it is a shared reference.
unsafe impl<T: ?Sized + Sync> Send for ScopedRef<T> {}
// SAFETY: as above.
unsafe impl<T: ?Sized + Sync> Sync for ScopedRef<T> {}

impl<T: ?Sized> Clone for ScopedRef<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: ?Sized> Copy for ScopedRef<T> {}

impl<T: ?Sized> ScopedRef<T> {
    /// Whoever makes one keeps `value` in place for as long as what the reference is given to.
    #[inline]
    pub(super) fn new(value: &T) -> Self {
        Self(NonNull::from(value))
    }

    /// A reference to a part of the same value.
    #[inline]
    pub(crate) fn map<Part: ?Sized>(self, part: impl FnOnce(&T) -> &Part) -> ScopedRef<Part> {
        ScopedRef(NonNull::from(part(&self)))
    }
}

impl<T: ?Sized> Deref for ScopedRef<T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        // SAFETY: `Borrowing` borrows what it lends while its value lives; what `CallFutures` lends lies beside its value in
        // one block, and is dropped after it.
        unsafe { self.0.as_ref() }
    }
}

/// A [`ScopedRef`] that may give way to another one for a while.
pub(crate) struct ScopedCell<T>(AtomicRef<T>);

impl<T> ScopedCell<T> {
    #[inline]
    pub(crate) const fn new(value: ScopedRef<T>) -> Self {
        Self(AtomicRef {
            value: AtomicPtr::new(value.0.as_ptr()),
            reference: PhantomData,
        })
    }

    #[inline]
    pub(crate) fn get(&self) -> &T {
        // SAFETY: it is never null, and leads to what a `ScopedRef` leads to.
        unsafe { &*self.0.as_ptr() }
    }

    /// Has the value of `other` while `body` runs. If that panics, it has to be dropped before `other`.
    #[inline]
    pub(crate) fn with<R>(&self, other: &Self, body: impl FnOnce() -> R) -> R {
        let own = self.0.as_ptr();
        self.0.set(other.0.as_ptr());
        let result = body();
        self.0.set(own);
        result
    }
}

/// A value that holds [`ScopedRef`]s to what this borrows. It is seen, and never moved out.
pub(crate) struct Borrowing<'a, T> {
    value: T,
    borrow: PhantomData<&'a ()>,
}

impl<'a, T> Borrowing<'a, T> {
    /// Lends `owner` to the value that `make` makes. The reference belongs into that value and nowhere else.
    #[inline]
    pub(crate) fn new<Owner: ?Sized>(
        owner: &'a Owner,
        make: impl FnOnce(ScopedRef<Owner>) -> T,
    ) -> Self {
        Self {
            value: make(ScopedRef::new(owner)),
            borrow: PhantomData,
        }
    }
}

impl<T> Deref for Borrowing<'_, T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        &self.value
    }
}

/// A reference to what is there at times. Only this module and its siblings set it.
pub(crate) struct AtomicRef<T> {
    value: AtomicPtr<T>,
    // An `AtomicPtr` is `Sync` whatever it leads to; this one gives out references.
    reference: PhantomData<*const T>,
}

// SAFETY: it is a shared reference that may be absent.
unsafe impl<T: Sync> Send for AtomicRef<T> {}
// SAFETY: as above.
unsafe impl<T: Sync> Sync for AtomicRef<T> {}

impl<T> AtomicRef<T> {
    #[inline]
    pub(crate) const fn empty() -> Self {
        Self {
            value: AtomicPtr::new(ptr::null_mut()),
            reference: PhantomData,
        }
    }

    /// Whoever sets it clears it, or drops its holder, before what it leads to can go.
    #[inline]
    pub(super) fn set(&self, value: *const T) {
        self.value.store(value.cast_mut(), Ordering::Relaxed);
    }

    /// Returns the pointer that was set last; null if it was cleared.
    #[inline]
    pub(super) fn as_ptr(&self) -> *const T {
        self.value.load(Ordering::Relaxed)
    }

    /// Reads it without an atomic access, which the compiler would keep also where the value is not used.
    ///
    /// # Safety
    ///
    /// It is set, and nobody sets or clears it meanwhile.
    #[inline]
    pub(super) unsafe fn get_quiescent(&self) -> &T {
        // SAFETY: the caller promises that nobody writes to it.
        let value = unsafe { self.value.as_ptr().read() };
        // SAFETY: the caller promises that it is set; the rest is as in `get`.
        unsafe { &*value }
    }

    #[inline]
    pub(crate) fn get(&self) -> Option<&T> {
        // SAFETY: the pointer is null or leads to what whoever has set it keeps in place until it is cleared. Who reads it is
        // called in between, on the same thread or on one that ends before the call does.
        unsafe { self.as_ptr().as_ref() }
    }
}
