//! A stack of borrowed values, one a thread, of which the top one can be asked for.

use std::cell::Cell;
use std::ops::Deref;
use std::ptr::{self, NonNull};

/// The innermost value that was entered and has not been left.
pub(crate) struct Top<T> {
    value: Cell<*const T>,
}

impl<T> Top<T> {
    #[inline]
    pub(crate) const fn empty() -> Self {
        Self {
            value: Cell::new(ptr::null()),
        }
    }

    /// Shows the top value to `body`.
    #[inline]
    pub(crate) fn with<R>(&self, body: impl FnOnce(Option<&T>) -> R) -> R {
        // SAFETY: a pointer that is not null was set by an `enter` on this thread (`Cell` is not `Sync`) which has not
        // returned, and keeps its value in place until it has set the former pointer again. `body` cannot outlive that.
        body(unsafe { self.value.get().as_ref() })
    }

    /// Makes a value on top of the present one and keeps it there while `body` runs, also if `body` panics.
    ///
    /// `make` is given `owner` and the present top as [`Link`]s. They belong into the value that it makes and nowhere else.
    #[inline]
    pub(crate) fn enter<Owner: ?Sized, R>(
        &self,
        owner: &Owner,
        make: impl FnOnce(Link<Owner>, Option<Link<T>>) -> T,
        body: impl FnOnce(&T) -> R,
    ) -> R {
        let below = self.value.get();
        let value = make(
            Link(NonNull::from(owner)),
            NonNull::new(below.cast_mut()).map(Link),
        );
        self.value.set(&raw const value);
        let _restore = Restore { top: self, below };
        body(&value)
    }
}

struct Restore<'a, T> {
    top: &'a Top<T>,
    below: *const T,
}

impl<T> Drop for Restore<'_, T> {
    #[inline]
    fn drop(&mut self) {
        self.top.value.set(self.below);
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

    fn enter<R>(top: &Top<Level>, name: &'static str, body: impl FnOnce() -> R) -> R {
        top.enter(name, |_, below| Level { name, below }, |_| body())
    }

    fn path(top: &Top<Level>) -> Option<String> {
        top.with(|level| level.map(Level::path))
    }

    #[test]
    fn the_innermost_value_is_on_top_and_knows_the_one_below() {
        let top = Top::empty();
        assert_eq!(path(&top), None);
        enter(&top, "outer", || {
            enter(&top, "inner", || {
                assert_eq!(path(&top).as_deref(), Some("/outer/inner"));
            });
            assert_eq!(path(&top).as_deref(), Some("/outer"));
        });
        assert_eq!(path(&top), None);
    }

    #[test]
    fn a_panic_leaves_the_stack_as_it_was() {
        let top = Top::empty();
        enter(&top, "outer", || {
            catch_unwind(AssertUnwindSafe(|| enter(&top, "inner", || panic!("stop"))))
                .expect_err("it panics");
            assert_eq!(path(&top).as_deref(), Some("/outer"));
        });
    }
}
