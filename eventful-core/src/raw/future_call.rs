//! Calls that make futures, and what is left of a future's type once it is forgotten.

use std::alloc::Layout;
use std::any::{Any, TypeId};
use std::panic::{AssertUnwindSafe, catch_unwind};
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

/// What a panic carries.
pub(crate) type Payload = Box<dyn Any + Send>;

/// A function that makes a future, and what is done with what comes of that. Panics are caught: of the function, of the future when
/// it is polled, of `settle`, and of the future when it is dropped.
pub(crate) trait LaterFunction<'a, Subject: ?Sized, S, C>: Copy {
    type Future: Future + Send + 'a;
    type Settled;

    fn call(self, subject: &'a Subject, state: &'a S, context: &'a C) -> Self::Future;

    /// Takes the output while the future is still there.
    fn settle(output: <Self::Future as Future>::Output, context: &'a C) -> Self::Settled;

    /// The future is gone.
    fn conclude(
        settled: Result<Self::Settled, Payload>,
        dropped: Result<(), Payload>,
        context: &'a C,
    );

    /// The future was dropped before it was ready, and has panicked.
    fn panicked_when_cut_off(payload: Payload, context: &'a C);
}

/// As [`Call`](super::Call), of a function that makes a future.
#[expect(
    missing_debug_implementations,
    reason = "hidden behind a private module; function pointers tell nothing"
)]
pub struct FutureCall<C: 'static> {
    pub(super) kind: fn() -> TypeId,
    pub(super) future: &'static FutureType<C>,
}

/// What there is to know of a type of futures once it is forgotten.
///
/// What comes of a future is told to the context, which is the one that it was made with.
pub(super) struct FutureType<C> {
    pub(super) layout: Layout,
    /// Makes a future from live values of what the call is bound to, in a place of this layout, and polls it. Only if that is
    /// pending, a future is in the place afterwards.
    pub(super) begin:
        unsafe fn(*const (), *const (), *const C, *mut u8, &mut task::Context<'_>) -> Poll<()>,
    /// Must be given a place where a future of this type is. As `begin`, only if it is pending, it still is.
    pub(super) go_on: unsafe fn(*const C, *mut u8, &mut task::Context<'_>) -> Poll<()>,
    /// As `go_on`; no future is there afterwards.
    pub(super) cut_off: unsafe fn(*const C, *mut u8),
}

impl<C: 'static> Clone for FutureCall<C> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<C: 'static> Copy for FutureCall<C> {}

/// The future that `F` makes. Its layout is the same for every lifetime.
type Made<Subject, S, F, C> = <F as LaterFunction<'static, Subject, S, C>>::Future;

impl<C: 'static> FutureCall<C> {
    /// Takes a function that captures nothing.
    pub(crate) const fn new<Subject, A, S, F>(_function: F) -> Self
    where
        Subject: ?Sized + 'static,
        A: Access<Subject>,
        S: 'static,
        F: for<'a> LaterFunction<'a, Subject, S, C> + Send + Sync + 'static,
    {
        Self::with::<Subject, A, S, F>()
    }

    /// As [`new`](Self::new); gives what describes the call when it is needed.
    pub(crate) const fn described<Subject, A, S, F, D>(_function: F) -> fn() -> D::Description
    where
        Subject: ?Sized + 'static,
        A: Access<Subject>,
        S: 'static,
        F: for<'a> LaterFunction<'a, Subject, S, C> + Send + Sync + 'static,
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
        F: for<'a> LaterFunction<'a, Subject, S, C> + Send + Sync + 'static,
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
                    layout: Layout::new::<Made<Subject, S, F, C>>(),
                    begin: begin::<Subject, A, S, F, C>,
                    go_on: go_on::<Subject, S, F, C>,
                    cut_off: cut_off::<Subject, S, F, C>,
                }
            },
        }
    }
}

unsafe fn begin<Subject, A, S, F, C>(
    subject: *const (),
    kept: *const (),
    context: *const C,
    place: *mut u8,
    waking: &mut task::Context<'_>,
) -> Poll<()>
where
    Subject: ?Sized + 'static,
    A: Access<Subject>,
    S: 'static,
    C: 'static,
    F: for<'a> LaterFunction<'a, Subject, S, C>,
{
    // SAFETY: `FutureCall::new` was given an `F`, which is `Copy` and of size zero: another one is made of no bytes.
    let function = unsafe { NonNull::<F>::dangling().read() };
    // SAFETY: the caller promises what `Bound::new` has kept for this call, which outlives the future. `F` takes every
    // lifetime alike, so that calling this one `'static` tells it nothing.
    let kept = unsafe { &*kept.cast::<Kept<A::Projection, S>>() };
    // SAFETY: the same of the subject, of the type that the binding names.
    let subject = unsafe { A::get(&kept.projection, subject) };
    // SAFETY: the same of `C`.
    let context_of_future = unsafe { &*context };
    let call = || function.call(subject, &kept.state, context_of_future);
    match catch_unwind(AssertUnwindSafe(call)) {
        // SAFETY: the caller promises a place of the layout of this type.
        Ok(future) => unsafe { place.cast::<Made<Subject, S, F, C>>().write(future) },
        Err(payload) => {
            F::conclude(Err(payload), Ok(()), context_of_future);
            return Poll::Ready(());
        }
    }
    // SAFETY: the future is there now.
    unsafe { go_on::<Subject, S, F, C>(context, place, waking) }
}

#[inline]
unsafe fn go_on<Subject, S, F, C>(
    context: *const C,
    place: *mut u8,
    waking: &mut task::Context<'_>,
) -> Poll<()>
where
    Subject: ?Sized + 'static,
    S: 'static,
    C: 'static,
    F: for<'a> LaterFunction<'a, Subject, S, C>,
{
    // SAFETY: the caller promises the context of this future, which outlives it; see `begin` of the lifetime.
    let context = unsafe { &*context };
    let place = place.cast::<Made<Subject, S, F, C>>();
    let poll = || {
        // SAFETY: the caller promises that a future of this type is there. It is never moved out of its place: it is dropped
        // there.
        let future = unsafe { Pin::new_unchecked(&mut *place) };
        future.poll(waking).map(|output| F::settle(output, context))
    };
    let settled = match catch_unwind(AssertUnwindSafe(poll)) {
        Ok(Poll::Pending) => return Poll::Pending,
        Ok(Poll::Ready(settled)) => Ok(settled),
        Err(payload) => Err(payload),
    };
    // SAFETY: the future is still there, and nobody is told of it again.
    let dropped = catch_unwind(AssertUnwindSafe(|| unsafe { place.drop_in_place() }));
    F::conclude(settled, dropped, context);
    Poll::Ready(())
}

unsafe fn cut_off<Subject, S, F, C>(context: *const C, place: *mut u8)
where
    Subject: ?Sized + 'static,
    S: 'static,
    C: 'static,
    F: for<'a> LaterFunction<'a, Subject, S, C>,
{
    let place = place.cast::<Made<Subject, S, F, C>>();
    // SAFETY: the caller promises that a future of this type is there, and does not use it again.
    let dropped = catch_unwind(AssertUnwindSafe(|| unsafe { place.drop_in_place() }));
    if let Err(payload) = dropped {
        // SAFETY: the caller promises the context.
        F::panicked_when_cut_off(payload, unsafe { &*context });
    }
}
