//! A stack of borrowed values, one a thread, of which the top one can be asked for.

use std::cell::Cell;
use std::ops::Deref;
use std::ptr::{self, NonNull};
use std::thread::LocalKey;

/// The innermost value that this thread has entered and not left.
pub(crate) struct Top<T> {
    value: Cell<*const T>,
}

/// Where each thread has its [`Top`].
///
/// A trait of its own because loom's models have another `LocalKey`. Callers keep what they do with the top short: a
/// long closure is not inlined, and would cost every publish a call.
pub(crate) trait Key<T: 'static>: 'static {
    fn with_top<R>(&'static self, body: impl FnOnce(&Top<T>) -> R) -> R;
}

impl<T: 'static> Key<T> for LocalKey<Top<T>> {
    #[inline]
    fn with_top<R>(&'static self, body: impl FnOnce(&Top<T>) -> R) -> R {
        self.with(body)
    }
}

impl<T: 'static> Top<T> {
    #[inline]
    pub(crate) const fn empty() -> Self {
        Self {
            value: Cell::new(ptr::null()),
        }
    }

    /// Shows the top value of this thread to `body`.
    #[inline]
    pub(crate) fn with<R>(key: &'static impl Key<T>, body: impl FnOnce(Option<&T>) -> R) -> R {
        let value = key.with_top(|top| top.value.get());
        // SAFETY: a pointer that is not null was set by an `enter` on this thread which has not returned, and keeps its
        // value in place until it has set the former pointer again. `body` cannot outlive that.
        body(unsafe { value.as_ref() })
    }

    /// Makes a value on top of the present one and keeps it there while `body` runs, also if `body` panics.
    ///
    /// `make` is given `owner` and the present top as [`Link`]s. They belong into the value that it makes and nowhere else.
    #[inline]
    pub(crate) fn enter<Owner: ?Sized, R>(
        key: &'static impl Key<T>,
        owner: &Owner,
        make: impl FnOnce(Link<Owner>, Option<Link<T>>) -> T,
        body: impl FnOnce(&T) -> R,
    ) -> R {
        let below = key.with_top(|top| top.value.get());
        let value = make(
            Link(NonNull::from(owner)),
            NonNull::new(below.cast_mut()).map(Link),
        );
        key.with_top(|top| top.value.set(&raw const value));
        let _restore = Restore { key, below };
        body(&value)
    }
}

struct Restore<T: 'static, K: Key<T>> {
    key: &'static K,
    below: *const T,
}

impl<T, K: Key<T>> Drop for Restore<T, K> {
    #[inline]
    fn drop(&mut self) {
        self.key.with_top(|top| top.value.set(self.below));
    }
}

/// A reference that [`Top::enter`] lends to the value on the stack: what it leads to outlives that value.
pub(crate) struct Link<T: ?Sized>(NonNull<T>);

// SAFETY: a link is a shared reference.
unsafe impl<T: ?Sized + Sync> Send for Link<T> {}
// SAFETY: as above.
unsafe impl<T: ?Sized + Sync> Sync for Link<T> {}

impl<T: ?Sized> Deref for Link<T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        // SAFETY: only `Top::enter` makes links: to `owner`, which it borrows, and to the value below, which an outer
        // `enter` keeps in place. Both outlive the value that holds the link.
        unsafe { self.0.as_ref() }
    }
}

#[cfg(test)]
mod tests {
    use std::panic::{AssertUnwindSafe, catch_unwind};

    use super::*;

    struct Level {
        name: &'static str,
        below: Option<Link<Level>>,
    }

    impl Level {
        fn path(&self) -> String {
            let below = self
                .below
                .as_ref()
                .map_or(String::new(), |below| below.path());
            format!("{below}/{}", self.name)
        }
    }

    thread_local! {
        static TOP: Top<Level> = const { Top::empty() };
    }

    fn enter<R>(name: &'static str, body: impl FnOnce() -> R) -> R {
        Top::enter(&TOP, name, |_, below| Level { name, below }, |_| body())
    }

    fn path() -> Option<String> {
        Top::with(&TOP, |level| level.map(Level::path))
    }

    #[test]
    fn the_innermost_value_is_on_top_and_knows_the_one_below() {
        assert_eq!(path(), None);
        enter("outer", || {
            enter("inner", || {
                assert_eq!(path().as_deref(), Some("/outer/inner"));
            });
            assert_eq!(path().as_deref(), Some("/outer"));
        });
        assert_eq!(path(), None);
    }

    #[test]
    fn a_panic_leaves_the_stack_as_it_was() {
        enter("outer", || {
            catch_unwind(AssertUnwindSafe(|| enter("inner", || panic!("stop"))))
                .expect_err("it panics");
            assert_eq!(path().as_deref(), Some("/outer"));
        });
    }
}
