//! Calls that make futures, and what is left of a future's type once it is forgotten.

use std::alloc::Layout;
use std::any::TypeId;
use std::pin::Pin;
use std::ptr::NonNull;
use std::task::{self, Poll};

/// A function that makes a future which borrows from what it is given.
pub trait FutureFunction<'a, Subject, S, C, R>: Copy {
    type Future: Future<Output = R> + Send + 'a;

    fn call(self, subject: &'a Subject, state: &'a S, context: &'a C) -> Self::Future;
}

impl<'a, F, Made, Subject, S, C, R> FutureFunction<'a, Subject, S, C, R> for F
where
    F: Fn(&'a Subject, &'a S, &'a C) -> Made + Copy,
    Made: Future<Output = R> + Send + 'a,
    Subject: 'a,
    S: 'a,
    C: 'a,
{
    type Future = Made;

    #[inline]
    fn call(self, subject: &'a Subject, state: &'a S, context: &'a C) -> Made {
        self(subject, state, context)
    }
}

/// As [`Call`](super::Call), of a function that makes a future.
#[expect(
    missing_debug_implementations,
    reason = "hidden behind a private module; function pointers tell nothing"
)]
pub struct FutureCall<C: 'static, R: 'static> {
    pub(super) subject: fn() -> TypeId,
    pub(super) state: fn() -> TypeId,
    pub(super) future: &'static FutureType<C, R>,
}

/// What there is to know of a type of futures once it is forgotten.
pub(super) struct FutureType<C, R> {
    pub(super) layout: Layout,
    /// Makes a future from live values of the call's subject and state types, and writes it to a place of this layout.
    pub(super) start: unsafe fn(*const (), *const (), *const C, *mut u8),
    /// Must be given a place where a future of this type is.
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
type Made<Subject, S, F, C, R> = <F as FutureFunction<'static, Subject, S, C, R>>::Future;

impl<C: 'static, R: 'static> FutureCall<C, R> {
    /// Takes a function that captures nothing.
    pub(crate) const fn new<Subject, S, F>(_function: F) -> Self
    where
        Subject: 'static,
        S: 'static,
        F: for<'a> FutureFunction<'a, Subject, S, C, R> + Send + Sync + 'static,
    {
        const {
            assert!(
                size_of::<F>() == 0,
                "the function must not capture anything"
            );
        };
        Self {
            subject: TypeId::of::<Subject>,
            state: TypeId::of::<S>,
            future: const {
                &FutureType {
                    layout: Layout::new::<Made<Subject, S, F, C, R>>(),
                    start: start::<Subject, S, F, C, R>,
                    poll: poll::<Made<Subject, S, F, C, R>>,
                    drop: drop::<Made<Subject, S, F, C, R>>,
                }
            },
        }
    }
}

unsafe fn start<Subject, S, F, C, R>(
    subject: *const (),
    state: *const (),
    context: *const C,
    place: *mut u8,
) where
    Subject: 'static,
    S: 'static,
    C: 'static,
    F: for<'a> FutureFunction<'a, Subject, S, C, R>,
{
    // SAFETY: `FutureCall::new` was given an `F`, which is `Copy` and of size zero: another one is made of no bytes.
    let function = unsafe { NonNull::<F>::dangling().read() };
    // SAFETY: the caller promises a live `Subject`, which outlives the future. `F` takes every lifetime alike, so that
    // calling this one `'static` tells it nothing.
    let subject = unsafe { &*subject.cast::<Subject>() };
    // SAFETY: the same of `S`.
    let state = unsafe { &*state.cast::<S>() };
    // SAFETY: the same of `C`.
    let context = unsafe { &*context };
    let future = function.call(subject, state, context);
    // SAFETY: the caller promises a place of the layout of this type.
    unsafe { place.cast::<Made<Subject, S, F, C, R>>().write(future) };
}

unsafe fn poll<Fut: Future>(place: *mut u8, context: &mut task::Context<'_>) -> Poll<Fut::Output> {
    // SAFETY: the caller promises that a future of this type is there.
    let future = unsafe { &mut *place.cast::<Fut>() };
    // SAFETY: a future is never moved out of its place: it is dropped there.
    unsafe { Pin::new_unchecked(future) }.poll(context)
}

unsafe fn drop<Fut>(place: *mut u8) {
    // SAFETY: the caller promises that a future of this type is there, and does not use it again.
    unsafe { place.cast::<Fut>().drop_in_place() };
}
