//! Calls that make futures, and what is left of a future's type once it is forgotten.

use std::alloc::Layout;
use std::any::Any;
use std::mem;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::ptr::NonNull;
use std::task::{self, Poll};

use super::access::Access;
use super::call::{BoundState, Call, CallFunction, Describe, types_of};

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

/// The payload of a panic.
pub(crate) type Payload = Box<dyn Any + Send>;

/// A function that makes a future, and what is done with what comes of that. Panics are caught: of the function, of the
/// future when it is polled, of what settles its output, and of the future when it is dropped.
pub(crate) trait AsyncFunction<'a, Subject: ?Sized, S, C>: Copy {
    type Future: Future + Send + 'a;
    type Settled;

    fn call(self, subject: &'a Subject, state: &'a S, context: &'a C) -> Self::Future;

    /// Polls the future, and settles its output while the future is still there.
    fn poll(
        future: Pin<&mut Self::Future>,
        waker: &mut task::Context<'_>,
        context: &'a C,
    ) -> Poll<Self::Settled>;

    /// Takes what came of the future, which is gone, and of its drop.
    fn conclude(
        settled: Result<Self::Settled, Payload>,
        dropped: Result<(), Payload>,
        context: &'a C,
    );

    /// Takes the panic of a future that was dropped before it was ready.
    fn panicked_when_cancelled(payload: Payload, context: &'a C);
}

/// The facts about a type of futures that remain once the type is erased.
///
/// The result of a future goes to the context with which the future was made.
pub(super) struct FutureType<C> {
    pub(super) layout: Layout,
    /// Makes a future from live values of what the call is bound to, in memory of this layout, and polls it. Only if that is
    /// pending, a future is there afterwards.
    pub(super) start:
        unsafe fn(*const (), *const (), *const C, *mut u8, &mut task::Context<'_>) -> Poll<()>,
    /// Polls the future of this type that is in the given memory. Only if that is pending, it still is there.
    pub(super) poll: unsafe fn(*const C, *mut u8, &mut task::Context<'_>) -> Poll<()>,
    /// Drops the future of this type that is in the given memory.
    pub(super) cancel: unsafe fn(*const C, *mut u8),
}

/// The future that `F` makes. Its layout is the same for every lifetime.
type Made<Subject, S, F, C> = <F as AsyncFunction<'static, Subject, S, C>>::Future;

/// The output of that future, once it is settled.
type Settled<Subject, S, F, C> = <F as AsyncFunction<'static, Subject, S, C>>::Settled;

impl<C: 'static> Call<C> {
    /// Takes a function that captures nothing, and that makes a future.
    pub(crate) const fn new_async<Subject, A, S, F>(_function: F) -> Self
    where
        Subject: ?Sized + 'static,
        A: Access<Subject>,
        S: 'static,
        F: for<'a> AsyncFunction<'a, Subject, S, C> + Send + Sync + 'static,
    {
        Self::of_async::<Subject, A, S, F>()
    }

    /// Takes a function that captures nothing, and that makes a future. Returns a function that describes its call.
    pub(crate) const fn described_async<Subject, A, S, F, D>(_function: F) -> fn() -> D::Description
    where
        Subject: ?Sized + 'static,
        A: Access<Subject>,
        S: 'static,
        F: for<'a> AsyncFunction<'a, Subject, S, C> + Send + Sync + 'static,
        D: Describe<C>,
    {
        || D::describe(const { Self::of_async::<Subject, A, S, F>() })
    }

    /// To be called only where an `F` was given.
    const fn of_async<Subject, A, S, F>() -> Self
    where
        Subject: ?Sized + 'static,
        A: Access<Subject>,
        S: 'static,
        F: for<'a> AsyncFunction<'a, Subject, S, C> + Send + Sync + 'static,
    {
        const {
            assert!(
                size_of::<F>() == 0,
                "the function must not capture anything"
            );
        };
        Self {
            types: types_of::<Subject, A, S>,
            function: CallFunction::Async(
                const {
                    &FutureType {
                        layout: Layout::new::<Made<Subject, S, F, C>>(),
                        start: start::<Subject, A, S, F, C>,
                        poll: poll::<Subject, S, F, C>,
                        cancel: cancel::<Subject, S, F, C>,
                    }
                },
            ),
        }
    }
}

unsafe fn start<Subject, A, S, F, C>(
    subject: *const (),
    state: *const (),
    context: *const C,
    memory: *mut u8,
    waker: &mut task::Context<'_>,
) -> Poll<()>
where
    Subject: ?Sized + 'static,
    A: Access<Subject>,
    S: 'static,
    C: 'static,
    F: for<'a> AsyncFunction<'a, Subject, S, C>,
{
    // SAFETY: the caller promises what `BoundCall::new` has bound to this function, which outlives the future. `F` takes every
    // lifetime alike, so that calling this one `'static` tells it nothing.
    let bound = unsafe { &*state.cast::<BoundState<A::Projection, S>>() };
    // SAFETY: the same of the subject, of the type that the projection names.
    let subject = unsafe { A::get(&bound.projection, subject) };
    // SAFETY: the same of `C`.
    let context_of_future = unsafe { &*context };
    let place = if size_of::<Made<Subject, S, F, C>>() > MOST_INLINE {
        place_out_of_line::<Subject, S, F, C>
    } else {
        place::<Subject, S, F, C>
    };
    // SAFETY: `Call::new_async` was given an `F`, and the caller promises memory of the layout of this type.
    if !unsafe { place(subject, &bound.state, context_of_future, memory.cast()) } {
        return Poll::Ready(());
    }
    // SAFETY: the future is there now.
    unsafe { poll::<Subject, S, F, C>(context, memory, waker) }
}

/// The size of futures that an optimized build may place where it polls them.
const MOST_INLINE: usize = 256;

/// Makes a future where it is to be. Returns whether it is there, which it is not if that panics.
///
/// The memory that it is copied through on its way is free again when this returns, and so before the future is polled.
///
/// # Safety
///
/// There was an `F` once, and the memory has the layout of the future.
#[inline]
unsafe fn place<Subject, S, F, C>(
    subject: &'static Subject,
    state: &'static S,
    context: &'static C,
    memory: *mut Made<Subject, S, F, C>,
) -> bool
where
    Subject: ?Sized + 'static,
    S: 'static,
    C: 'static,
    F: for<'a> AsyncFunction<'a, Subject, S, C>,
{
    // SAFETY: it is `Copy` and of size zero: another one is made of no bytes.
    let function = unsafe { NonNull::<F>::dangling().read() };
    let make = || {
        // SAFETY: the caller promises the memory.
        unsafe { memory.write(function.call(subject, state, context)) };
    };
    match catch_unwind(AssertUnwindSafe(make)) {
        Ok(()) => true,
        Err(payload) => {
            conclude_without_future::<Subject, S, F, C>(payload, context);
            false
        }
    }
}

// Out of line, so that what calls it stays small, and is inlined.
#[cold]
#[inline(never)]
fn conclude_without_future<Subject, S, F, C>(payload: Payload, context: &'static C)
where
    Subject: ?Sized + 'static,
    S: 'static,
    C: 'static,
    F: for<'a> AsyncFunction<'a, Subject, S, C>,
{
    F::conclude(Err(payload), Ok(()), context);
}

/// Does what `place` does, in a frame of its own also where the compiler inlines that.
#[inline(never)]
unsafe fn place_out_of_line<Subject, S, F, C>(
    subject: &'static Subject,
    state: &'static S,
    context: &'static C,
    memory: *mut Made<Subject, S, F, C>,
) -> bool
where
    Subject: ?Sized + 'static,
    S: 'static,
    C: 'static,
    F: for<'a> AsyncFunction<'a, Subject, S, C>,
{
    // SAFETY: the caller promises the same.
    unsafe { place::<Subject, S, F, C>(subject, state, context, memory) }
}

#[inline]
unsafe fn poll<Subject, S, F, C>(
    context: *const C,
    memory: *mut u8,
    waker: &mut task::Context<'_>,
) -> Poll<()>
where
    Subject: ?Sized + 'static,
    S: 'static,
    C: 'static,
    F: for<'a> AsyncFunction<'a, Subject, S, C>,
{
    // SAFETY: the caller promises the context of this future, which outlives it; see `start` of the lifetime.
    let context = unsafe { &*context };
    let future = memory.cast::<Made<Subject, S, F, C>>();
    let poll_once = || {
        // SAFETY: the caller promises that a future of this type is there. It is never moved: it is dropped
        // there.
        let pinned = unsafe { Pin::new_unchecked(&mut *future) };
        F::poll(pinned, waker, context)
    };
    let polled = catch_unwind(AssertUnwindSafe(poll_once));
    if matches!(polled, Ok(Poll::Pending)) {
        // There is nothing to drop, which the compiler does not always see.
        mem::forget(polled);
        return Poll::Pending;
    }
    // SAFETY: the future is still there, and nobody is told of it again.
    unsafe { conclude::<Subject, S, F, C>(polled, future, context) }
}

/// Drops a future that is ready or has panicked, and takes what came of it.
///
/// It is a function of its own, whose frame is not there while the future is polled.
///
/// # Safety
///
/// The future is there, and is not used again.
#[inline]
unsafe fn conclude<Subject, S, F, C>(
    polled: Result<Poll<Settled<Subject, S, F, C>>, Payload>,
    future: *mut Made<Subject, S, F, C>,
    context: &'static C,
) -> Poll<()>
where
    Subject: ?Sized + 'static,
    S: 'static,
    C: 'static,
    F: for<'a> AsyncFunction<'a, Subject, S, C>,
{
    let settled = match polled {
        Ok(Poll::Pending) => return Poll::Pending,
        Ok(Poll::Ready(settled)) => Ok(settled),
        Err(payload) => Err(payload),
    };
    // SAFETY: the caller promises it.
    let dropped = catch_unwind(AssertUnwindSafe(|| unsafe { future.drop_in_place() }));
    F::conclude(settled, dropped, context);
    Poll::Ready(())
}

unsafe fn cancel<Subject, S, F, C>(context: *const C, memory: *mut u8)
where
    Subject: ?Sized + 'static,
    S: 'static,
    C: 'static,
    F: for<'a> AsyncFunction<'a, Subject, S, C>,
{
    let future = memory.cast::<Made<Subject, S, F, C>>();
    // SAFETY: the caller promises that a future of this type is there, and does not use it again.
    let dropped = catch_unwind(AssertUnwindSafe(|| unsafe { future.drop_in_place() }));
    if let Err(payload) = dropped {
        // SAFETY: the caller promises the context.
        F::panicked_when_cancelled(payload, unsafe { &*context });
    }
}
