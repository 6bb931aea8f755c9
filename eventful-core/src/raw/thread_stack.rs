//! A stack of borrowed frames, one a thread, of which the top one can be asked for.

use std::cell::Cell;
use std::ptr;
use std::thread::LocalKey;

use super::scoped_ref::AtomicRef;

/// Leads to the innermost frame that this thread has pushed and not popped.
pub(crate) struct ThreadStack<T> {
    top: Cell<*const T>,
}

/// The thread-local where each thread has its [`ThreadStack`].
///
/// A trait of its own because loom's models have another `LocalKey`. What is done with the stack is not done in the closure:
/// a long one is not inlined, and would cost every publish a call.
pub(crate) trait Key<T: 'static>: 'static {
    fn with_stack<R>(&'static self, body: impl FnOnce(&ThreadStack<T>) -> R) -> R;
}

impl<T: 'static> Key<T> for LocalKey<ThreadStack<T>> {
    #[inline]
    fn with_stack<R>(&'static self, body: impl FnOnce(&ThreadStack<T>) -> R) -> R {
        self.with(body)
    }
}

/// A value that remembers the one below it on the stack.
pub(crate) trait Frame: Sized {
    fn parent(&self) -> &AtomicRef<Self>;
}

impl<T: Frame + 'static> ThreadStack<T> {
    #[inline]
    pub(crate) const fn empty() -> Self {
        Self {
            top: Cell::new(ptr::null()),
        }
    }

    /// Returns whether this thread has pushed nothing.
    #[inline]
    pub(crate) fn is_empty(key: &'static impl Key<T>) -> bool {
        Self::of_this_thread(key).top.get().is_null()
    }

    /// Shows the top frame of this thread to `body`.
    #[inline]
    pub(crate) fn peek<R>(key: &'static impl Key<T>, body: impl FnOnce(Option<&T>) -> R) -> R {
        let stack = Self::of_this_thread(key);
        // SAFETY: a pointer that is not null was set by a `push` on this thread which has not returned, and which borrows its
        // frame until it has set the former pointer again. `body` cannot outlive that.
        body(unsafe { stack.top.get().as_ref() })
    }

    /// Keeps `frame` on top while `body` runs, also if `body` panics. Shows the frame below, if there is one, to `body`.
    #[inline]
    pub(crate) fn push<R>(
        key: &'static impl Key<T>,
        frame: &T,
        body: impl FnOnce(Option<&T>) -> R,
    ) -> R {
        let stack = Self::of_this_thread(key);
        let parent = stack.top.replace(frame);
        frame.parent().set(parent);
        let _pop = Pop { stack, frame };
        // SAFETY: as in `peek`.
        body(unsafe { parent.as_ref() })
    }

    /// The stack of this thread, for as long as what a function of this type calls.
    #[expect(
        clippy::inline_always,
        reason = "it does nothing but ask for an address, which would be a function of its own"
    )]
    #[inline(always)]
    fn of_this_thread<'a>(key: &'static impl Key<T>) -> &'a Self {
        let stack = key.with_stack(ptr::from_ref);
        // SAFETY: a thread keeps its stack, which has nothing to drop, for as long as it runs, and no caller gives it away.
        unsafe { &*stack }
    }
}

/// Makes the frame below the top again, also when a panic passes.
struct Pop<'a, T: Frame> {
    stack: &'a ThreadStack<T>,
    frame: &'a T,
}

impl<T: Frame> Drop for Pop<'_, T> {
    #[inline]
    fn drop(&mut self) {
        let parent = self.frame.parent();
        self.stack.top.set(parent.as_ptr());
        // The frame may outlive the one below.
        parent.set(ptr::null());
    }
}

#[cfg(test)]
mod tests {
    use std::panic::{AssertUnwindSafe, catch_unwind};

    use super::*;

    struct Level {
        name: &'static str,
        parent: AtomicRef<Level>,
    }

    impl Frame for Level {
        fn parent(&self) -> &AtomicRef<Self> {
            &self.parent
        }
    }

    impl Level {
        const fn new(name: &'static str) -> Self {
            Self {
                name,
                parent: AtomicRef::empty(),
            }
        }

        fn path(&self) -> String {
            let parent = self.parent.get().map_or(String::new(), Self::path);
            format!("{parent}/{}", self.name)
        }
    }

    thread_local! {
        static STACK: ThreadStack<Level> = const { ThreadStack::empty() };
    }

    fn push<R>(name: &'static str, body: impl FnOnce() -> R) -> R {
        let level = Level::new(name);
        ThreadStack::push(&STACK, &level, |_| body())
    }

    fn path() -> Option<String> {
        ThreadStack::peek(&STACK, |level| level.map(Level::path))
    }

    #[test]
    fn the_innermost_frame_is_on_top_and_knows_the_one_below() {
        assert_eq!(path(), None);
        push("outer", || {
            let inner = Level::new("inner");
            ThreadStack::push(&STACK, &inner, |parent| {
                assert_eq!(path().as_deref(), Some("/outer/inner"));
                assert_eq!(parent.map(Level::path).as_deref(), Some("/outer"));
            });
            assert_eq!(path().as_deref(), Some("/outer"));
        });
        assert_eq!(path(), None);
    }

    #[test]
    fn a_frame_that_is_pushed_again_leaves_what_was_there() {
        let again = Level::new("again");
        let push_again = || {
            ThreadStack::push(&STACK, &again, |_| {
                assert_eq!(path().as_deref(), Some("/outer/again"));
            });
        };
        push("outer", || {
            push_again();
            assert_eq!(path().as_deref(), Some("/outer"));
            push_again();
            assert_eq!(path().as_deref(), Some("/outer"));
        });
        assert_eq!(again.path(), "/again", "what was below may be gone");
    }

    #[test]
    fn a_panic_leaves_the_stack_as_it_was() {
        push("outer", || {
            catch_unwind(AssertUnwindSafe(|| push("inner", || panic!("stop"))))
                .expect_err("it panics");
            assert_eq!(path().as_deref(), Some("/outer"));
        });
    }
}
