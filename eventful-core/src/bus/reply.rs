//! What a closure given to a builder may return.

use std::marker::PhantomData;

use crate::delivery::Delivery;
use crate::event::Event;
use crate::event::mode::Async;
use crate::outcome::{ContainedFuture, Handling, Outcome, contain};
use crate::raw::{Call, FutureCall, FutureFunction};
use crate::registry::HandlerCall;
use crate::report::HandlerResult;

/// What a closure given to a builder may return: what a handler may; on asynchronous events also a future of that, which
/// is `Send` and borrows nothing.
///
/// `Mode` is the event's; `Marker` keeps the implementations apart.
#[diagnostic::on_unimplemented(
    message = "a handler of this event cannot return `{Self}`",
    label = "the closure given here returns something else",
    note = "a handler returns `()`, or `Result<(), E>` where `E` is an `Error + Send + Sync + 'static`, \
            a `Box<dyn Error + Send + Sync>` or anything else that converts into one",
    note = "to return a future of that, write `#[event(async)]` on the event; the future is `Send` and borrows nothing, not even \
            the event"
)]
pub trait Reply<Mode, Marker>: Sized {
    #[doc(hidden)]
    fn __call<E, C>() -> HandlerCall
    where
        E: Event<Mode = Mode>,
        C: Fn(&E) -> Self + Send + Sync + 'static;
}

/// Marks what is returned as it is.
#[doc(hidden)]
#[derive(Debug)]
pub enum Immediate {}

/// Marks a future.
#[doc(hidden)]
#[derive(Debug)]
pub enum Later {}

// Without the attribute, the error is about `Outcome`, and as if there were no futures.
#[diagnostic::do_not_recommend]
impl<O: Outcome, Mode> Reply<Mode, Immediate> for O {
    fn __call<E, C>() -> HandlerCall
    where
        E: Event<Mode = Mode>,
        C: Fn(&E) -> Self + Send + Sync + 'static,
    {
        let call =
            |event: &E, closure: &C, _: &Delivery| contain(|| closure(event).__into_result());
        HandlerCall::Now(Call::new::<E, C, _>(call))
    }
}

impl<F: Future<Output: Outcome> + Send + 'static> Reply<Async, Later> for F {
    fn __call<E, C>() -> HandlerCall
    where
        E: Event,
        C: Fn(&E) -> Self + Send + Sync + 'static,
    {
        HandlerCall::Later(FutureCall::new::<E, C, _>(CallLater::<F>(PhantomData)))
    }
}

/// Calls a closure on the first poll, where a panic of it is caught as one of the future's.
///
/// No `async` block: where a future inside of one panics in its poll and again when it is dropped, the process ends.
struct CallLater<F>(PhantomData<fn() -> F>);

impl<F> Clone for CallLater<F> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<F> Copy for CallLater<F> {}

impl<'a, E, C, F> FutureFunction<'a, E, C, Delivery, HandlerResult> for CallLater<F>
where
    E: Event,
    C: Fn(&E) -> F + Send + Sync + 'static,
    F: Future<Output: Outcome> + Send + 'static,
{
    type Future = ContainedFuture<Uncalled<'a, E, C>, F>;

    fn call(self, event: &'a E, closure: &'a C, _: &'a Delivery) -> Self::Future {
        ContainedFuture::lazy(Uncalled(Some((event, closure))))
    }
}

/// A closure that is to be called with an event, until it is.
struct Uncalled<'a, E, C>(Option<(&'a E, &'a C)>);

impl<E, C, F> Handling<F> for Uncalled<'_, E, C>
where
    C: Fn(&E) -> F,
    F: Future<Output: Outcome>,
{
    fn make(&mut self) -> Option<F> {
        let (event, closure) = self.0.take()?;
        Some(closure(event))
    }

    fn result(output: F::Output) -> HandlerResult {
        output.__into_result()
    }
}
