//! The return types of handlers.

mod either;

use std::marker::PhantomData;
use std::mem;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::task::{Context, Poll};

pub use self::either::Either;
use crate::delivery::{Delivery, Handling};
use crate::event::mode::{Follows, Mode, Returned};
use crate::event::{Event, EventInfo, Events};
use crate::log;
use crate::raw::{AsyncFunction, FutureFunction, InPlace, Payload, Slot};
use crate::record::RecordedNames;
use crate::report::{BoxError, HandlerResult, RawFailure};
use crate::tuples::for_each_tuple;

/// The types that a handler may return: `()`, an event, an `Option`, a `Vec`, an [`Either`] or a tuple of these, or a
/// `Result` of any of them whose error converts into a boxed one.
///
/// The bus publishes returned events when all handlers of the current event have run. `M` is the [mode](crate::mode) of
/// the event that is handled: a handler of a synchronous event returns synchronous events only.
///
/// # Examples
///
/// ```
/// use eventful::{Bus, event, handler};
///
/// #[event]
/// struct OrderCreated {
///     items: Vec<u64>,
/// }
///
/// #[event]
/// struct ItemReserved(u64);
///
/// #[handler(OrderCreated)]
/// fn reserve(event: &OrderCreated) -> Result<Vec<ItemReserved>, String> {
///     if event.items.is_empty() {
///         return Err("an order without items".to_owned());
///     }
///     Ok(event.items.iter().map(|item| ItemReserved(*item)).collect())
/// }
///
/// let bus = Bus::isolated().with(reserve).build()?;
/// assert_eq!(bus.publish(&OrderCreated { items: vec![1, 2] })?.cascaded(), 2);
/// assert!(bus.publish(&OrderCreated { items: vec![] }).is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[diagnostic::on_unimplemented(
    message = "a handler cannot return `{Self}`",
    label = "not a handler's return type",
    note = "a handler returns `()`, an event, or an `Option`, a `Vec`, an `Either` or a tuple of events; or `Result<O, E>` with one of \
            these, where `E` is an `Error + Send + Sync + 'static`, a `Box<dyn Error + Send + Sync>` or anything else that converts into one",
    note = "an event has `#[event]`, and a handler of a synchronous event returns synchronous ones, of a durable event durable ones; a \
            handler that waits is an `async fn`; an event with `with = …` cannot be returned"
)]
pub trait Outcome<M> {
    #[doc(hidden)]
    type __Events: Events;

    #[doc(hidden)]
    fn __settle(outcome: InPlace<'_, Self>, delivery: &Delivery) -> HandlerResult
    where
        Self: Sized;
}

impl<M> Outcome<M> for () {
    type __Events = ();

    #[inline]
    fn __settle(_: InPlace<'_, Self>, _: &Delivery) -> HandlerResult {
        Ok(())
    }
}

impl<M, E: Event<Mode: Returned + Follows<M>>> Outcome<M> for E {
    // Not `One<E>` itself: of what is no event, it would be a second mistake.
    type __Events = <E::Mode as Mode>::__Only<E>;

    #[inline]
    fn __settle(event: InPlace<'_, Self>, delivery: &Delivery) -> HandlerResult {
        delivery.keep(event);
        Ok(())
    }
}

#[diagnostic::do_not_recommend]
impl<M, O: Outcome<M>> Outcome<M> for Option<O> {
    type __Events = O::__Events;

    #[inline]
    fn __settle(outcome: InPlace<'_, Self>, delivery: &Delivery) -> HandlerResult {
        match outcome.option() {
            Some(outcome) => O::__settle(outcome, delivery),
            None => Ok(()),
        }
    }
}

#[diagnostic::do_not_recommend]
impl<M, O: Outcome<M>> Outcome<M> for Vec<O> {
    type __Events = O::__Events;

    fn __settle(outcome: InPlace<'_, Self>, delivery: &Delivery) -> HandlerResult {
        outcome.try_for_each(|outcome| O::__settle(outcome, delivery))
    }
}

/// The errors that a handler may return.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "a handler cannot return the error `{Self}`",
    label = "`{Self}` is the error of this `Result`",
    note = "the error of a handler implements `std::error::Error`, `Send` and `Sync`; a `String`, a `&'static str` and a \
            `Box<dyn Error + Send + Sync>` are errors, too",
    note = "for a type of your own, write `impl std::error::Error`, which needs `Display` and `Debug`; for a `Box<dyn Error>`, write \
            `Box<dyn Error + Send + Sync>`"
)]
pub trait HandlerError {
    fn boxed(self) -> BoxError;
}

// Without the attribute, an error that does not convert is three errors about what `Box` implements.
#[diagnostic::do_not_recommend]
impl<E: Into<BoxError>> HandlerError for E {
    #[inline]
    fn boxed(self) -> BoxError {
        self.into()
    }
}

#[diagnostic::do_not_recommend]
impl<M, O: Outcome<M>, E: HandlerError> Outcome<M> for Result<O, E> {
    type __Events = O::__Events;

    #[inline]
    fn __settle(outcome: InPlace<'_, Self>, delivery: &Delivery) -> HandlerResult {
        match outcome.result() {
            Ok(outcome) => O::__settle(outcome, delivery),
            Err(error) => Err(RawFailure::error(error.into_inner().boxed())),
        }
    }
}

macro_rules! tuples {
    () => {};
    ($($outcome:ident)+) => {
        #[diagnostic::do_not_recommend]
        impl<M, $($outcome: Outcome<M>),*> Outcome<M> for ($($outcome,)*) {
            type __Events = ($($outcome::__Events,)*);

            fn __settle(outcome: InPlace<'_, Self>, delivery: &Delivery) -> HandlerResult {
                #[expect(non_snake_case, reason = "one variable for each type")]
                let ($($outcome,)*) = outcome.parts();
                $(<$outcome as Outcome<M>>::__settle($outcome, delivery)?;)*
                Ok(())
            }
        }

        impl<$($outcome: Events),*> Events for ($($outcome,)*) {
            const NAMES: RecordedNames = RecordedNames::All(&[$($outcome::NAMES),*]);

            fn add_to(events: &mut Vec<&'static EventInfo>) {
                $($outcome::add_to(events);)*
            }
        }
    };
}

for_each_tuple!(tuples: A B C D E F G H);

/// The return value of a shim: the result of the handler. Its type has the events that the handler may return.
#[doc(hidden)]
#[derive(Debug)]
pub struct Handled<L>(HandlerResult, PhantomData<fn() -> L>);

impl<L> Handled<L> {
    #[inline]
    pub(crate) const fn new(result: HandlerResult) -> Self {
        Self(result, PhantomData)
    }

    #[inline]
    pub(crate) fn into_result(self) -> HandlerResult {
        self.0
    }
}

impl<M> Handling<'_, M> {
    /// Turns the return value of a handler into the one of a shim. Only this asks for [`Outcome`], so that one mistake
    /// gives one compile error.
    #[inline]
    pub fn outcome<L, O: Outcome<M, __Events = L>>(self, outcome: &mut Slot<O>) -> Handled<L> {
        outcome.with(|outcome| Handled::new(O::__settle(outcome, self.delivery())))
    }

    /// Does the same for a `Result`, each half of which has a bound of its own, so that the compile error names the half
    /// at fault.
    #[inline]
    pub fn result<L, O: Outcome<M, __Events = L>, E: HandlerError>(
        self,
        result: &mut Slot<Result<O, E>>,
    ) -> Handled<L> {
        self.outcome(result)
    }

    /// Does the same for what a future returns. It is not moved, and neither is that.
    #[inline]
    pub fn outcome_of<L, O, F>(self, future: Pin<&mut F>) -> impl Future<Output = Handled<L>>
    where
        O: Outcome<M, __Events = L>,
        F: Future<Output = O>,
    {
        Settling {
            future,
            handling: self,
        }
    }

    /// Does the same for what a future returns, if that is a `Result`.
    #[inline]
    pub fn result_of<L, O, E, F>(self, future: Pin<&mut F>) -> impl Future<Output = Handled<L>>
    where
        O: Outcome<M, __Events = L>,
        E: HandlerError,
        F: Future<Output = Result<O, E>>,
    {
        Settling {
            future,
            handling: self,
        }
    }
}

/// The future of a handler, which settles what that returns.
struct Settling<'f, 'a, F, M> {
    future: Pin<&'f mut F>,
    handling: Handling<'a, M>,
}

impl<F: Future<Output: Outcome<M>>, M> Future for Settling<'_, '_, F, M> {
    type Output = Handled<<F::Output as Outcome<M>>::__Events>;

    #[inline]
    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let delivery = self.handling.delivery();
        poll::<M, _>(self.future.as_mut(), context, delivery).map(Handled::new)
    }
}

/// Calls the guard `when`. If it says no or panics, the shim returns this value and does not call the handler.
#[inline]
pub fn guard<E: ?Sized, M, L>(
    event: &E,
    when: impl FnOnce(&E) -> bool,
    handling: Handling<'_, M>,
) -> Option<Handled<L>> {
    match catch_unwind(AssertUnwindSafe(|| when(event))) {
        Ok(true) => None,
        Ok(false) => {
            handling.delivery().skip();
            Some(Handled::new(Ok(())))
        }
        Err(payload) => {
            handling.delivery().skip();
            Some(Handled::new(Err(RawFailure::guard_panic(payload))))
        }
    }
}

/// Runs a handler. An error or a panic is a failure of that handler, which `delivery` keeps.
///
/// The handler's resources may be left as the panic found them. So may those of any thread that panics: what a handler
/// can break is behind a `Mutex`, which poisons itself, or an atomic.
#[inline]
pub(crate) fn contain(delivery: &Delivery, handler: impl FnOnce() -> HandlerResult) {
    match catch_unwind(AssertUnwindSafe(handler)) {
        Ok(Ok(())) => {}
        Ok(Err(failure)) => fail(delivery, failure),
        Err(payload) => panicked(delivery, payload),
    }
}

// Out of line, so that each handler's shim is as small as its handler.
#[cold]
#[inline(never)]
fn fail(delivery: &Delivery, failure: RawFailure) {
    delivery.fail(failure, |failure| log::failure(failure, delivery));
}

#[cold]
#[inline(never)]
fn panicked(delivery: &Delivery, payload: Payload) {
    fail(delivery, RawFailure::panic(payload));
}

/// Contains the panics of a function that makes a future, of each poll of the future, and of its drop.
pub(crate) struct Containing<F, M, L> {
    function: F,
    types: PhantomData<fn() -> (M, L)>,
}

impl<F, M, L> Containing<F, M, L> {
    pub(crate) const fn new(function: F) -> Self
    where
        F: Copy,
    {
        Self {
            function,
            types: PhantomData,
        }
    }
}

impl<F: Copy, M, L> Clone for Containing<F, M, L> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<F: Copy, M, L> Copy for Containing<F, M, L> {}

impl<'a, F, M, L, E, P> AsyncFunction<'a, E, P, Delivery> for Containing<F, M, L>
where
    E: ?Sized,
    F: FutureFunction<'a, E, P, Handling<'a, M>, Handled<L>>,
    M: 'a,
    L: 'a,
{
    type Future = F::Future;
    type Settled = HandlerResult;

    #[inline]
    fn call(self, event: &'a E, parameters: &'a P, delivery: &'a Delivery) -> Self::Future {
        self.function
            .call(event, parameters, Handling::new(delivery))
    }

    #[inline]
    fn poll(
        future: Pin<&mut Self::Future>,
        waker: &mut Context<'_>,
        _: &Delivery,
    ) -> Poll<HandlerResult> {
        future.poll(waker).map(Handled::into_result)
    }

    #[inline]
    fn conclude(
        settled: Result<HandlerResult, Payload>,
        dropped: Result<(), Payload>,
        delivery: &Delivery,
    ) {
        conclude(settled, dropped, delivery);
    }

    fn panicked_when_cancelled(payload: Payload, _: &Delivery) {
        panicked_when_dropped(payload);
    }
}

/// Polls the future of a handler, and settles its output where that lies.
#[inline]
pub(crate) fn poll<M, F: Future<Output: Outcome<M>>>(
    future: Pin<&mut F>,
    context: &mut Context<'_>,
    delivery: &Delivery,
) -> Poll<HandlerResult> {
    InPlace::with_ready(
        || future.poll(context),
        |outcome| <F::Output as Outcome<M>>::__settle(outcome, delivery),
    )
}

/// Takes what came of a handler's future, and of its drop, which is a part of the handler's run.
#[inline]
pub(crate) fn conclude(
    settled: Result<HandlerResult, Payload>,
    dropped: Result<(), Payload>,
    delivery: &Delivery,
) {
    if matches!((&settled, &dropped), (Ok(Ok(())), Ok(()))) {
        // There is nothing to drop, which the compiler does not always see.
        mem::forget((settled, dropped));
        return;
    }
    conclude_badly(settled, dropped, delivery);
}

#[cold]
#[inline(never)]
fn conclude_badly(
    settled: Result<HandlerResult, Payload>,
    dropped: Result<(), Payload>,
    delivery: &Delivery,
) {
    let settled = settled.unwrap_or_else(|payload| Err(RawFailure::panic(payload)));
    match (settled, dropped) {
        (Ok(()), Ok(())) => {}
        (Ok(()), Err(payload)) => fail(delivery, RawFailure::panic(payload)),
        (Err(failure), Ok(())) => fail(delivery, failure),
        (Err(failure), Err(payload)) => {
            // A handler fails once; what comes on top of it is only logged.
            panicked_when_dropped(payload);
            fail(delivery, failure);
        }
    }
}

#[cold]
pub(crate) fn panicked_when_dropped(payload: Payload) {
    log::panic_when_dropped(&RawFailure::panic(payload).message());
}
