//! Functions that are known by their type alone.

use std::ptr::NonNull;

/// Refuses to compile for a function that captures something.
pub(super) const fn assert_stateless<F>() {
    const {
        assert!(
            size_of::<F>() == 0,
            "the function must not capture anything"
        );
    };
}

/// A function of the type `F`.
///
/// # Safety
///
/// An `F` was given to whoever has [asserted](assert_stateless) that it captures nothing. It is `Copy`, so that this makes one more.
#[inline]
pub(super) unsafe fn stateless<F: Copy>() -> F {
    // SAFETY: the caller promises that it is of size zero, and so made of no bytes.
    unsafe { NonNull::<F>::dangling().read() }
}
