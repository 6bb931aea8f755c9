//! Values of the user's whose `Drop` may panic.

use std::any::Any;
use std::mem;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// A value of the user's. A panic of its `Drop` does not reach whoever drops it.
#[derive(Debug)]
pub(crate) struct Contained<T>(Option<T>);

impl<T> Contained<T> {
    #[inline]
    pub(crate) const fn new(value: T) -> Self {
        Self(Some(value))
    }

    #[inline]
    pub(crate) const fn get(&self) -> Option<&T> {
        self.0.as_ref()
    }

    pub(crate) fn into_inner(mut self) -> Option<T> {
        self.0.take()
    }
}

impl<T> Drop for Contained<T> {
    #[inline]
    fn drop(&mut self) {
        if !mem::needs_drop::<T>() {
            return;
        }
        let value = &mut self.0;
        if let Err(payload) = catch_unwind(AssertUnwindSafe(|| drop(value.take()))) {
            give_up(payload);
        }
    }
}

/// Drops the payload of a panic that nobody is told of. Its `Drop` could panic again, so that all but text is leaked.
#[cold]
pub(crate) fn give_up(payload: Box<dyn Any + Send>) {
    if panic_text(&*payload).is_none() {
        mem::forget(payload);
    }
}

/// Returns the text of a panic, if its payload is text.
pub(crate) fn panic_text(payload: &(dyn Any + Send)) -> Option<&str> {
    payload
        .downcast_ref::<&'static str>()
        .copied()
        .or_else(|| payload.downcast_ref::<String>().map(String::as_str))
}
