//! A box that is seldom there.

use std::mem::ManuallyDrop;
use std::ops::{Deref, DerefMut};

/// A `Box` whose drop is one call out of line. The drop of a `Box` is inlined wherever a value may have to be dropped that
/// seldom has a box in it, and takes up registers there.
#[derive(Debug)]
pub(crate) struct ColdBox<T>(ManuallyDrop<Box<T>>);

impl<T> ColdBox<T> {
    pub(crate) fn new(value: Box<T>) -> Self {
        Self(ManuallyDrop::new(value))
    }

    #[expect(
        clippy::unnecessary_box_returns,
        reason = "what takes it out goes on with the box"
    )]
    pub(crate) fn into_inner(self) -> Box<T> {
        let mut this = ManuallyDrop::new(self);
        // SAFETY: it is taken once, since `this` is not dropped.
        unsafe { ManuallyDrop::take(&mut this.0) }
    }
}

impl<T> Deref for ColdBox<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T> DerefMut for ColdBox<T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.0
    }
}

impl<T> Drop for ColdBox<T> {
    #[inline]
    fn drop(&mut self) {
        // SAFETY: it is taken once, since nobody uses what is being dropped.
        drop_out_of_line(unsafe { ManuallyDrop::take(&mut self.0) });
    }
}

#[cold]
#[inline(never)]
fn drop_out_of_line<T>(value: Box<T>) {
    drop(value);
}

#[cfg(test)]
mod tests {
    use std::rc::Rc;

    use super::*;

    #[test]
    fn what_is_in_it_is_dropped_once_or_taken_out() {
        let value = Rc::new(7);
        drop(ColdBox::new(Box::new(Rc::clone(&value))));
        assert_eq!(Rc::strong_count(&value), 1);
        let boxed = ColdBox::new(Box::new(Rc::clone(&value)));
        assert_eq!(**boxed, 7);
        let taken = boxed.into_inner();
        assert_eq!(Rc::strong_count(&value), 2);
        drop(taken);
        assert_eq!(Rc::strong_count(&value), 1);
    }
}
