//! A value beside a future that is pinned.

use std::pin::Pin;

/// What may be done with the future when both are dropped.
pub(crate) trait BesideDrop<F> {
    fn drop_future(&mut self, future: Pin<&mut F>);
}

/// `value` beside `future`: the value is not pinned, the future is as soon as the whole is.
pub(crate) struct Beside<T: BesideDrop<F>, F> {
    value: T,
    future: F,
}

impl<T: BesideDrop<F>, F> Beside<T, F> {
    pub(crate) const fn new(value: T, future: F) -> Self {
        Self { value, future }
    }

    pub(crate) fn parts(self: Pin<&mut Self>) -> (&mut T, Pin<&mut F>) {
        // SAFETY: neither part is moved: the reference is taken apart at once.
        let Self { value, future } = unsafe { self.get_unchecked_mut() };
        // SAFETY: the future is pinned while the whole is: it is only ever given out as a pinned reference, here and in
        // `drop`, and `Beside` is `Unpin` only if the future is.
        (value, unsafe { Pin::new_unchecked(future) })
    }
}

impl<T: BesideDrop<F>, F> Drop for Beside<T, F> {
    fn drop(&mut self) {
        let Self { value, future } = self;
        // SAFETY: what is dropped is not moved before its memory is given up.
        value.drop_future(unsafe { Pin::new_unchecked(future) });
    }
}
