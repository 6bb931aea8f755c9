//! A stack of borrowed values, one a thread, of which the top one can be asked for.

use std::cell::Cell;
use std::marker::PhantomData;
use std::mem;
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
/// A trait of its own because loom's models have another `LocalKey`. What is done with the top is not done in the closure: a
/// long one is not inlined, and would cost every publish a call.
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
    pub(crate) fn show<R>(key: &'static impl Key<T>, body: impl FnOnce(Option<&T>) -> R) -> R {
        let top = Self::of_this_thread(key);
        // SAFETY: a pointer that is not null was set by an `enter` on this thread which has not returned, and keeps its
        // value in place until it has set the former pointer again. `body` cannot outlive that.
        body(unsafe { top.value.get().as_ref() })
    }

    /// Makes a value on top of the present one and keeps it there while `body` runs, also if `body` panics. `body` is shown what
    /// is below, if anything is. What it gives, `bare` is given when the value is no longer on top, if that is
    /// [bare](Stacked::is_bare); if not, `after` is.
    ///
    /// `make` is given a [`Link`] to `owner`, which belongs into the value that it makes and nowhere else.
    // The value is made before anything is asked of the thread: what it is made of need not outlast that call.
    #[inline]
    pub(crate) fn enter<Owner: ?Sized, B, R>(
        key: &'static impl Key<T>,
        owner: &Owner,
        make: impl FnOnce(Link<Owner>) -> T,
        body: impl FnOnce(&T, Option<&T>) -> B,
        bare: impl FnOnce(B, &T) -> R,
        after: impl FnOnce(B, &T) -> R,
    ) -> R
    where
        T: Stacked,
    {
        let mut value = make(Link::new(owner));
        let top = Self::of_this_thread(key);
        let below = top.value.replace(&raw const value);
        value.below().set(below);
        // The value goes with this frame: what is below it need not be cleared.
        let pop = Pop { top, value: &value };
        // SAFETY: as in `show`.
        let below = unsafe { below.as_ref() };
        if let Some(below) = below {
            value.settle_on(below);
        }
        let outcome = body(&value, below);
        drop(pop);
        if value.is_bare() {
            let result = bare(outcome, &value);
            // Otherwise it would be asked once more if there is anything to drop.
            mem::forget(value);
            return result;
        }
        after(outcome, &value)
    }

    /// Keeps a value on top of the present one while `body` runs, also if `body` panics.
    #[inline]
    pub(crate) fn reenter<R>(key: &'static impl Key<T>, value: &T, body: impl FnOnce(&T) -> R) -> R
    where
        T: Stacked,
    {
        let top = Self::of_this_thread(key);
        value.below().set(top.value.replace(value));
        let _restore = Restore { top, value };
        body(value)
    }

    /// The top of this thread, for as long as what a function of this type calls.
    #[expect(
        clippy::inline_always,
        reason = "it does nothing but ask for an address, which would be a function of its own"
    )]
    #[inline(always)]
    fn of_this_thread<'a>(key: &'static impl Key<T>) -> &'a Self {
        let top = key.with_top(ptr::from_ref);
        // SAFETY: a thread keeps its `Top`, which has nothing to drop, for as long as it runs, and no caller gives it away.
        unsafe { &*top }
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

    /// Takes over what it has from the value below it, where there is one.
    fn settle_on(&self, below: &Self);

    /// Whether it owns nothing: then it is forgotten where it would be dropped.
    fn is_bare(&mut self) -> bool;
}

/// As [`Pop`], of a value that stays.
struct Restore<'a, T: Stacked> {
    top: &'a Top<T>,
    value: &'a T,
}

impl<T: Stacked> Drop for Restore<'_, T> {
    #[inline]
    fn drop(&mut self) {
        // Nobody else sets it meanwhile: an exchange would cost as much as all the rest.
        let below = &self.value.below().value;
        self.top.value.set(below.load(Ordering::Relaxed));
        below.store(ptr::null_mut(), Ordering::Relaxed);
    }
}

/// A reference to what outlives its holder: [`Top::enter`] and [`Flight`](super::Flight) lend it to what they make.
pub(crate) struct Link<T: ?Sized>(NonNull<T>);

// SAFETY: a link is a shared reference.
unsafe impl<T: ?Sized + Sync> Send for Link<T> {}
// SAFETY: as above.
unsafe impl<T: ?Sized + Sync> Sync for Link<T> {}

impl<T: ?Sized> Clone for Link<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: ?Sized> Copy for Link<T> {}

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
        // SAFETY: `Top::enter` links to `owner`, which it borrows while the value with the link lives; `Flight` to what
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

    /// As [`get`](Self::get), without an atomic access, which the compiler would keep also where the value is not used.
    ///
    /// # Safety
    ///
    /// The slot is set, and nobody sets or clears it meanwhile.
    #[inline]
    pub(super) unsafe fn get_quiescent(&self) -> &T {
        // SAFETY: the caller promises that nobody writes to it.
        let value = unsafe { self.value.as_ptr().read() };
        // SAFETY: the caller promises that it is set; the rest is as in `get`.
        unsafe { &*value }
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
        height: Cell<u32>,
        below: Slot<Level>,
    }

    impl Stacked for Level {
        fn below(&self) -> &Slot<Self> {
            &self.below
        }

        fn settle_on(&self, below: &Self) {
            self.height.set(below.height.get() + 1);
        }

        fn is_bare(&mut self) -> bool {
            true
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
        let make = |_| Level {
            name,
            height: Cell::new(0),
            below: Slot::empty(),
        };
        Top::enter(
            &TOP,
            name,
            make,
            |_, _| body(),
            |made, _| made,
            |made, _| made,
        )
    }

    fn path() -> Option<String> {
        Top::show(&TOP, |level| level.map(Level::path))
    }

    #[test]
    fn the_innermost_value_is_on_top_and_knows_the_one_below() {
        assert_eq!(path(), None);
        enter("outer", || {
            enter("inner", || {
                assert_eq!(path().as_deref(), Some("/outer/inner"));
                let height = Top::show(&TOP, |level| level.map(|level| level.height.get()));
                assert_eq!(height, Some(1), "it has settled on what is below");
            });
            assert_eq!(path().as_deref(), Some("/outer"));
        });
        assert_eq!(path(), None);
    }

    #[test]
    fn a_value_that_goes_on_is_on_top_again_and_leaves_what_was_there() {
        let goes_on = Level {
            name: "goes on",
            height: Cell::new(0),
            below: Slot::empty(),
        };
        let resume = || {
            Top::reenter(&TOP, &goes_on, |_| {
                assert_eq!(path().as_deref(), Some("/outer/goes on"));
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
