//! A stack of borrowed values, one a thread, of which the top one can be asked for.

use std::cell::Cell;
use std::marker::PhantomData;
use std::ops::Deref;
use std::ptr::{self, NonNull};
use std::sync::atomic::{AtomicPtr, Ordering};
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

    /// Lets `body` look at, and add to, what this thread has entered.
    #[expect(
        clippy::inline_always,
        reason = "it does nothing but call the closure, which would be a function of its own"
    )]
    #[inline(always)]
    pub(crate) fn on_this_thread<R>(
        key: &'static impl Key<T>,
        body: impl FnOnce(Present<'_, T>) -> R,
    ) -> R {
        let top = key.with_top(ptr::from_ref);
        // SAFETY: a thread keeps its `Top`, which has nothing to drop, for as long as it runs, and `body` does not leave it.
        body(Present(unsafe { &*top }))
    }
}

/// The [`Top`] of this thread. It can be copied, but leaves neither the thread nor what it was shown to.
pub(crate) struct Present<'a, T>(&'a Top<T>);

impl<T> Clone for Present<'_, T> {
    #[inline]
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Present<'_, T> {}

impl<T: 'static> Present<'_, T> {
    /// Whether this thread has entered nothing.
    #[inline]
    pub(crate) fn is_empty(self) -> bool {
        self.0.value.get().is_null()
    }

    /// Shows the top value of this thread to `body`.
    #[inline]
    pub(crate) fn show<R>(self, body: impl FnOnce(Option<&T>) -> R) -> R {
        // SAFETY: a pointer that is not null was set by an `enter` on this thread which has not returned, and keeps its
        // value in place until it has set the former pointer again. `body` cannot outlive that.
        body(unsafe { self.0.value.get().as_ref() })
    }

    /// Makes a value on top of the present one and keeps it there while `body` runs, also if `body` panics.
    ///
    /// `make` is given a [`Link`] to `owner`, which belongs into the value that it makes and nowhere else, and shown the
    /// present top.
    #[inline]
    pub(crate) fn enter<Owner: ?Sized, R>(
        self,
        owner: &Owner,
        make: impl FnOnce(Link<Owner>, Option<&T>) -> T,
        body: impl FnOnce(&T) -> R,
    ) -> R
    where
        T: Stacked,
    {
        let Self(top) = self;
        let value = self.show(|below| make(Link::new(owner), below));
        value.below().set(top.value.replace(&raw const value));
        // The value goes with this frame: what is below it need not be cleared.
        let _pop = Pop { top, value: &value };
        body(&value)
    }

    /// Keeps a value on top of the present one while `body` runs, also if `body` panics.
    #[inline]
    pub(crate) fn reenter<R>(self, value: &T, body: impl FnOnce(&T) -> R) -> R
    where
        T: Stacked,
    {
        let Self(top) = self;
        value.below().set(top.value.replace(value));
        let _restore = Restore { top, value };
        body(value)
    }
}

/// Sets the former top, also when a panic passes.
struct Pop<'a, T: Stacked> {
    top: &'a Top<T>,
    value: &'a T,
}

impl<T: Stacked> Drop for Pop<'_, T> {
    #[inline]
    fn drop(&mut self) {
        self.top
            .value
            .set(self.value.below().value.load(Ordering::Relaxed));
    }
}

/// A value that remembers what is below it on the stack.
pub(crate) trait Stacked: Sized {
    fn below(&self) -> &Slot<Self>;
}

/// As [`Pop`], of a value that stays.
struct Restore<'a, T: Stacked> {
    top: &'a Top<T>,
    value: &'a T,
}

impl<T: Stacked> Drop for Restore<'_, T> {
    #[inline]
    fn drop(&mut self) {
        let below = &self.value.below().value;
        self.top
            .value
            .set(below.swap(ptr::null_mut(), Ordering::Relaxed));
    }
}

/// A reference to what outlives its holder: [`Present::enter`] and [`Flight`](super::Flight) lend it to what they make.
pub(crate) struct Link<T: ?Sized>(NonNull<T>);

// SAFETY: a link is a shared reference.
unsafe impl<T: ?Sized + Sync> Send for Link<T> {}
// SAFETY: as above.
unsafe impl<T: ?Sized + Sync> Sync for Link<T> {}

impl<T: ?Sized> Link<T> {
    /// Whoever makes a link keeps `value` in place for as long as what the link is given to.
    #[inline]
    pub(super) fn new(value: &T) -> Self {
        Self(NonNull::from(value))
    }

    /// A link to a part of the same value.
    pub(crate) fn map<Part: ?Sized>(self, part: impl FnOnce(&T) -> &Part) -> Link<Part> {
        Link(NonNull::from(part(&self)))
    }
}

impl<T: ?Sized> Deref for Link<T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        // SAFETY: `Present::enter` links to `owner`, which it borrows while the value with the link lives; `Flight` to what
        // lies beside the value with the link in one block, and is dropped after it.
        unsafe { self.0.as_ref() }
    }
}

/// Where a value remembers another one that is there at times: set and cleared by this module only.
pub(crate) struct Slot<T> {
    value: AtomicPtr<T>,
    // An `AtomicPtr` is `Sync` whatever it leads to; a slot gives out references.
    reference: PhantomData<*const T>,
}

// SAFETY: a slot is a shared reference that may be absent.
unsafe impl<T: Sync> Send for Slot<T> {}
// SAFETY: as above.
unsafe impl<T: Sync> Sync for Slot<T> {}

impl<T> Slot<T> {
    #[inline]
    pub(crate) const fn empty() -> Self {
        Self {
            value: AtomicPtr::new(ptr::null_mut()),
            reference: PhantomData,
        }
    }

    /// Whoever sets a slot clears it, or drops its holder, before what it leads to can go.
    #[inline]
    pub(super) fn set(&self, value: *const T) {
        self.value.store(value.cast_mut(), Ordering::Relaxed);
    }

    #[inline]
    pub(crate) fn get(&self) -> Option<&T> {
        // SAFETY: the pointer is null or leads to what whoever has set it keeps in place until the slot is cleared. Who
        // reads it is called in between, on the same thread or on one that ends before the call does.
        unsafe { self.value.load(Ordering::Relaxed).as_ref() }
    }
}

#[cfg(test)]
mod tests {
    use std::panic::{AssertUnwindSafe, catch_unwind};

    use super::*;

    struct Level {
        name: &'static str,
        below: Slot<Level>,
    }

    impl Stacked for Level {
        fn below(&self) -> &Slot<Self> {
            &self.below
        }
    }

    impl Level {
        fn path(&self) -> String {
            let below = self.below.get().map_or(String::new(), Self::path);
            format!("{below}/{}", self.name)
        }
    }

    thread_local! {
        static TOP: Top<Level> = const { Top::empty() };
    }

    fn enter<R>(name: &'static str, body: impl FnOnce() -> R) -> R {
        let make = |_, _: Option<&Level>| Level {
            name,
            below: Slot::empty(),
        };
        Top::on_this_thread(&TOP, |present| present.enter(name, make, |_| body()))
    }

    fn path() -> Option<String> {
        Top::on_this_thread(&TOP, |present| present.show(|level| level.map(Level::path)))
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
    fn a_value_that_goes_on_is_on_top_again_and_leaves_what_was_there() {
        let goes_on = Level {
            name: "goes on",
            below: Slot::empty(),
        };
        let resume = || {
            Top::on_this_thread(&TOP, |present| {
                present.reenter(&goes_on, |_| {
                    assert_eq!(path().as_deref(), Some("/outer/goes on"));
                });
            });
        };
        enter("outer", || {
            resume();
            assert_eq!(path().as_deref(), Some("/outer"));
            resume();
            assert_eq!(path().as_deref(), Some("/outer"));
        });
        assert_eq!(goes_on.path(), "/goes on", "what was below may be gone");
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
