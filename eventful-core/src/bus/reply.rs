//! The return types of closures that a builder is given.

use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use crate::delivery::Delivery;
use crate::event::mode::{Async, Durable, Lendable, With};
use crate::event::{Events, Listen};
use crate::outcome::{self, Outcome, contain};
use crate::raw::{AsyncFunction, Call, InPlace, Payload};
use crate::registry::HandlerCall;
use crate::report::HandlerResult;

/// The types that a closure given to a builder may return: those of a handler, and on asynchronous events also a future
/// of one of those, which is `Send` and borrows nothing.
///
/// `Mode` is the event's; `Marker` keeps the implementations apart.
///
/// # Examples
///
/// ```
/// use eventful::{Bus, event};
///
/// #[event(async)]
/// struct OrderCreated;
///
/// # futures_lite::future::block_on(async {
/// let bus = Bus::isolated()
///     .subscribe("cache", |_: &OrderCreated| ())
///     .subscribe("mail", |_: &OrderCreated| async { Err::<(), _>("no mail server") })
///     .build()?;
/// let error = bus.publish(&OrderCreated).await.unwrap_err();
/// assert_eq!(error.failures()[0].handler().id(), "mail");
/// # Ok::<(), eventful::WiringError>(())
/// # }).unwrap();
/// ```
#[diagnostic::on_unimplemented(
    message = "a handler of this event cannot return `{Self}`",
    label = "the closure given here returns something else",
    note = "a handler returns `()`, an event, or an `Option`, a `Vec`, an `Either` or a tuple of events; or `Result<O, E>` with one of \
            these, where `E` is an `Error + Send + Sync + 'static`, a `Box<dyn Error + Send + Sync>` or anything else that converts into one",
    note = "to return a future of that, write `#[event(async)]` on the event; the future is `Send` and borrows nothing; \
            `subscribe_async` takes an async closure whose future borrows the event"
)]
pub trait Reply<Mode, Marker>: Sized {
    #[doc(hidden)]
    type __Events: Events;

    /// The call of a closure, whose state is the closure in an `Arc`.
    #[doc(hidden)]
    fn __call<E, C>() -> HandlerCall
    where
        E: Listen<Mode = Mode> + ?Sized,
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
impl<O: Outcome<Mode>, Mode> Reply<Mode, Immediate> for O {
    type __Events = O::__Events;

    fn __call<E, C>() -> HandlerCall
    where
        E: Listen<Mode = Mode> + ?Sized,
        C: Fn(&E) -> Self + Send + Sync + 'static,
    {
        let call = |event: &E, closure: &Arc<C>, delivery: &Delivery| {
            contain(delivery, || {
                InPlace::with(|| closure(event), |outcome| O::__settle(outcome, delivery))
            });
        };
        Call::new::<E, E::__Access, Arc<C>, _>(call)
    }
}

/// Implements `Reply` for futures, on events of one mode.
macro_rules! later {
    ($(#[$attribute:meta])* $mode:ty $(, $lent:ident)?) => {
        $(#[$attribute])*
        impl<F, $($lent: Lendable)?> Reply<$mode, Later> for F
        where
            F: Future<Output: Outcome<$mode>> + Send + 'static,
        {
            type __Events = <F::Output as Outcome<$mode>>::__Events;

            fn __call<E, C>() -> HandlerCall
            where
                E: Listen<Mode = $mode> + ?Sized,
                C: Fn(&E) -> Self + Send + Sync + 'static,
            {
                let call = CallLater::<F, $mode>(PhantomData);
                Call::new_async::<E, E::__Access, Arc<C>, _>(call)
            }
        }
    };
}

later!(Async);
later!(Durable);
later!(
    #[diagnostic::do_not_recommend]
    With<Async, L>,
    L
);

/// Calls a closure, and settles what comes of its future.
struct CallLater<F, M>(PhantomData<fn() -> (F, M)>);

impl<F, M> Clone for CallLater<F, M> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<F, M> Copy for CallLater<F, M> {}

impl<'a, E, C, F, M> AsyncFunction<'a, E, Arc<C>, Delivery> for CallLater<F, M>
where
    E: Listen + ?Sized,
    C: Fn(&E) -> F + Send + Sync + 'static,
    F: Future<Output: Outcome<M>> + Send + 'static,
    M: 'static,
{
    type Future = F;
    type Settled = HandlerResult;

    #[inline]
    fn call(self, event: &'a E, closure: &'a Arc<C>, _: &'a Delivery) -> F {
        closure(event)
    }

    #[inline]
    fn poll(
        future: Pin<&mut F>,
        waker: &mut Context<'_>,
        delivery: &Delivery,
    ) -> Poll<HandlerResult> {
        outcome::poll::<M, _>(future, waker, delivery)
    }

    #[inline]
    fn conclude(
        settled: Result<HandlerResult, Payload>,
        dropped: Result<(), Payload>,
        delivery: &Delivery,
    ) {
        outcome::conclude(settled, dropped, delivery);
    }

    fn panicked_when_cancelled(payload: Payload, _: &Delivery) {
        outcome::panicked_when_dropped(payload);
    }
}
