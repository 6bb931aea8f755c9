//! Values of the user's whose `Drop` may panic, which is logged.

use std::any::{Any, type_name};
use std::mem;
use std::panic::{AssertUnwindSafe, catch_unwind};

#[cfg(feature = "tracing")]
use eventful_wiring::ShortType;

/// Logs with a macro of `tracing`, named by its level. Without the feature `tracing` it logs nothing.
///
/// A subscriber that panics must neither unwind the publisher nor keep handlers from running.
#[cfg(feature = "tracing")]
macro_rules! log {
    ($level:ident, $($fields:tt)*) => {{
        use std::panic::{AssertUnwindSafe, catch_unwind};

        let log = || tracing::$level!(target: "eventful", $($fields)*);
        if let Err(payload) = catch_unwind(AssertUnwindSafe(log)) {
            crate::contained::give_up(payload);
        }
    }};
}

#[cfg(not(feature = "tracing"))]
macro_rules! log {
    ($($nothing:tt)*) => {};
}

pub(crate) use log;

/// A value of the user's. A panic of its `Drop` is logged, and does not reach whoever drops it.
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
        let value = &mut self.0;
        contain_drop::<T>(|| *value = None);
    }
}

/// Drops a value with `drop`. A panic is logged.
#[inline]
pub(crate) fn contain_drop<T>(drop: impl FnOnce()) {
    if !mem::needs_drop::<T>() {
        return;
    }
    if let Err(payload) = catch_unwind(AssertUnwindSafe(drop)) {
        panicked(type_name::<T>(), payload);
    }
}

#[cold]
#[cfg_attr(
    not(feature = "tracing"),
    expect(unused_variables, reason = "it is a field of what is not logged")
)]
fn panicked(type_name: &str, payload: Box<dyn Any + Send>) {
    log!(
        error,
        value = %ShortType(type_name),
        error = panic_text(&*payload).unwrap_or(NO_TEXT),
        "value panicked when it was dropped",
    );
    give_up(payload);
}

/// The text of a panic whose payload has none.
pub(crate) const NO_TEXT: &str = "(no text: the panic's payload is neither `&str` nor `String`)";

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
