//! Calls that make futures, and what is left of a future's type once it is forgotten.

use std::alloc::Layout;
use std::any::TypeId;
use std::mem;
use std::pin::Pin;
use std::ptr::NonNull;
use std::task::{self, Poll};

use super::access::Access;
use super::call::{Describe, Kept, kind};

/// A function that makes a future which borrows from what it is given. `Cx` is the context, as it is handed over.
pub trait FutureFunction<'a, Subject: ?Sized, S, Cx, R>: Copy {
    type Future: Future<Output = R> + Send + 'a;

    fn call(self, subject: &'a Subject, state: &'a S, context: Cx) -> Self::Future;
}

impl<'a, F, Made, Subject, S, Cx, R> FutureFunction<'a, Subject, S, Cx, R> for F
where
    F: Fn(&'a Subject, &'a S, Cx) -> Made + Copy,
    Made: Future<Output = R> + Send + 'a,
    Subject: ?Sized + 'a,
    S: 'a,
    Cx: 'a,
{
    type Future = Made;

    #[inline]
    fn call(self, subject: &'a Subject, state: &'a S, context: Cx) -> Made {
        self(subject, state, context)
    }
}

/// As [`Call`](super::Call), of a function that makes a future.
#[expect(
    missing_debug_implementations,
    reason = "hidden behind a private module; function pointers tell nothing"
)]
pub struct FutureCall<C: 'static, R: 'static> {
    pub(super) kind: fn() -> TypeId,
    pub(super) future: &'static FutureType<C, R>,
}

/// What there is to know of a type of futures once it is forgotten.
pub(super) struct FutureType<C, R> {
    pub(super) layout: Layout,
    /// Makes a future from live values of what the call is bound to, and polls it: one that is not ready is in the place, which has
    /// this layout, afterwards.
    pub(super) start:
        unsafe fn(*const (), *const (), *const C, *mut u8, &mut task::Context<'_>) -> Poll<R>,
    /// Must be given a place where a future of this type is. One that is ready is there no longer.
    pub(super) poll: unsafe fn(*mut u8, &mut task::Context<'_>) -> Poll<R>,
    /// As `poll`; no future is there afterwards.
    pub(super) drop: unsafe fn(*mut u8),
}

impl<C: 'static, R: 'static> Clone for FutureCall<C, R> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<C: 'static, R: 'static> Copy for FutureCall<C, R> {}

/// The future that `F` makes. Its layout is the same for every lifetime.
type Made<Subject, S, F, C, R> = <F as FutureFunction<'static, Subject, S, &'static C, R>>::Future;

impl<C: 'static, R: 'static> FutureCall<C, R> {
    /// Takes a function that captures nothing.
    pub(crate) const fn new<Subject, A, S, F>(_function: F) -> Self
    where
        Subject: ?Sized + 'static,
        A: Access<Subject>,
        S: 'static,
        F: for<'a> FutureFunction<'a, Subject, S, &'a C, R> + Send + Sync + 'static,
    {
        Self::with::<Subject, A, S, F>()
    }

    /// As [`new`](Self::new); gives what describes the call when it is needed.
    pub(crate) const fn described<Subject, A, S, F, D>(_function: F) -> fn() -> D::Description
    where
        Subject: ?Sized + 'static,
        A: Access<Subject>,
        S: 'static,
        F: for<'a> FutureFunction<'a, Subject, S, &'a C, R> + Send + Sync + 'static,
        D: Describe<Self>,
    {
        || D::describe(const { Self::with::<Subject, A, S, F>() })
    }

    /// To be called where an `F` was given.
    const fn with<Subject, A, S, F>() -> Self
    where
        Subject: ?Sized + 'static,
        A: Access<Subject>,
        S: 'static,
        F: for<'a> FutureFunction<'a, Subject, S, &'a C, R> + Send + Sync + 'static,
    {
        const {
            assert!(
                size_of::<F>() == 0,
                "the function must not capture anything"
            );
        };
        Self {
            kind: kind::<Subject, A, S>,
            future: const {
                &FutureType {
                    layout: Layout::new::<Made<Subject, S, F, C, R>>(),
                    start: start::<Subject, A, S, F, C, R>,
                    poll: poll::<Made<Subject, S, F, C, R>>,
                    drop: drop::<Made<Subject, S, F, C, R>>,
                }
            },
        }
    }
}

unsafe fn start<Subject, A, S, F, C, R>(
    subject: *const (),
    kept: *const (),
    context: *const C,
    place: *mut u8,
    task: &mut task::Context<'_>,
) -> Poll<R>
where
    Subject: ?Sized + 'static,
    A: Access<Subject>,
    S: 'static,
    C: 'static,
    F: for<'a> FutureFunction<'a, Subject, S, &'a C, R>,
{
    // SAFETY: `FutureCall::new` was given an `F`, which is `Copy` and of size zero: another one is made of no bytes.
    let function = unsafe { NonNull::<F>::dangling().read() };
    // SAFETY: the caller promises what `Bound::new` has kept for this call, which outlives the future. `F` takes every
    // lifetime alike, so that calling this one `'static` tells it nothing.
    let kept = unsafe { &*kept.cast::<Kept<A::Projection, S>>() };
    // SAFETY: the same of the subject, of the type that the binding names.
    let subject = unsafe { A::get(&kept.projection, subject) };
    // SAFETY: the same of `C`.
    let context = unsafe { &*context };
    let future = function.call(subject, &kept.state, context);
    // SAFETY: the caller promises a place of the layout of this type.
    unsafe { place.cast::<Made<Subject, S, F, C, R>>().write(future) };
    // SAFETY: it is there now.
    unsafe { poll::<Made<Subject, S, F, C, R>>(place, task) }
}

unsafe fn poll<Fut: Future>(place: *mut u8, context: &mut task::Context<'_>) -> Poll<Fut::Output> {
    let place = place.cast::<Fut>();
    // Also where the poll panics: nobody knows of the future while it is polled.
    let finished = DropInPlace(place);
    // SAFETY: the caller promises that a future of this type is there.
    let future = unsafe { &mut *place };
    // SAFETY: a future is never moved out of its place: it is dropped there.
    let polled = unsafe { Pin::new_unchecked(future) }.poll(context);
    if polled.is_pending() {
        mem::forget(finished);
    }
    polled
}

/// A future that is dropped where it is.
struct DropInPlace<Fut>(*mut Fut);

impl<Fut> Drop for DropInPlace<Fut> {
    #[inline]
    fn drop(&mut self) {
        // SAFETY: whoever makes it promises that a future of this type is there, and does not use it again.
        unsafe { self.0.drop_in_place() };
    }
}

unsafe fn drop<Fut>(place: *mut u8) {
    // SAFETY: the caller promises that a future of this type is there, and does not use it again.
    unsafe { place.cast::<Fut>().drop_in_place() };
}
