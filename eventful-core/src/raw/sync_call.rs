//! Calls that are over when they return.

use std::ptr::NonNull;

use super::access::Access;
use super::call::{BoundState, Call, CallFunction, Context, Describe, types_of};

impl<C: 'static> Call<C> {
    /// Takes a function that captures nothing, so that the compiler inlines it where it is called.
    pub(crate) const fn new<Subject, A, S, F>(_function: F) -> Self
    where
        Subject: ?Sized + 'static,
        A: Access<Subject>,
        S: 'static,
        F: for<'a> Fn(&'a Subject, &'a S, &'a C) + Copy + Send + Sync + 'static,
        C: Context,
    {
        Self::of::<Subject, A, S, F>()
    }

    /// Takes a function that captures nothing. Returns a function that describes its call: a static item then holds one
    /// pointer.
    pub(crate) const fn described<Subject, A, S, F, D>(_function: F) -> fn() -> D::Description
    where
        Subject: ?Sized + 'static,
        A: Access<Subject>,
        S: 'static,
        F: for<'a> Fn(&'a Subject, &'a S, &'a C) + Copy + Send + Sync + 'static,
        C: Context,
        D: Describe<C>,
    {
        || D::describe(const { Self::of::<Subject, A, S, F>() })
    }

    /// To be called only where an `F` was given.
    const fn of<Subject, A, S, F>() -> Self
    where
        Subject: ?Sized + 'static,
        A: Access<Subject>,
        S: 'static,
        F: for<'a> Fn(&'a Subject, &'a S, &'a C) + Copy + Send + Sync + 'static,
        C: Context,
    {
        const {
            assert!(
                size_of::<F>() == 0,
                "the function must not capture anything"
            );
        };
        Self {
            types: types_of::<Subject, A, S>,
            function: CallFunction::Sync(call::<Subject, A, S, F, C>),
        }
    }
}

unsafe fn call<Subject, A, S, F, C>(subject: *const (), context: &C)
where
    Subject: ?Sized + 'static,
    A: Access<Subject>,
    F: for<'a> Fn(&'a Subject, &'a S, &'a C) + Copy,
    C: Context,
{
    // SAFETY: `Call::new` was given an `F`, which is `Copy` and of size zero: another one is made of no bytes.
    let function = unsafe { NonNull::<F>::dangling().read() };
    // SAFETY: the caller promises that the context has a current call; while it runs, it stays the current one.
    let current = unsafe { context.current_call().get_quiescent() };
    // SAFETY: the caller promises that this is what `BoundCall::new` has bound to this function.
    let bound = unsafe { &*current.state.cast::<BoundState<A::Projection, S>>() };
    // SAFETY: the caller promises a live subject of the type that the projection names.
    let subject = unsafe { A::get(&bound.projection, subject) };
    function(subject, &bound.state, context);
}
