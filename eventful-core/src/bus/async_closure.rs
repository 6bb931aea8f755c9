//! Async closures that a builder is given, whose futures borrow the event.

use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use crate::delivery::Delivery;
use crate::event::Listen;
use crate::event::mode::AcceptsAsync;
use crate::outcome::{self, Outcome};
use crate::raw::{AsyncFunction, Call, Payload};
use crate::registry::Closure;
use crate::report::HandlerResult;

/// An async closure over `&E`, or an `async fn`, whose future is `Send` and may borrow the event.
/// [`BusBuilder::subscribe_async`](crate::BusBuilder::subscribe_async) takes it.
///
/// A future that borrows what an async closure has captured cannot be named, and so no bound can say that it is `Send`.
/// The future of a closure that is called by value has a name. So each call takes a clone of the closure, with what it
/// has captured.
///
/// # Examples
///
/// ```
/// use std::sync::Arc;
///
/// use eventful::{Bus, event};
///
/// #[event(async)]
/// struct OrderCreated {
///     address: String,
/// }
///
/// struct Mailer;
///
/// impl Mailer {
///     async fn send(&self, address: &str) -> Result<(), String> {
///         Err(format!("no mail server for {address}"))
///     }
/// }
///
/// # futures_lite::future::block_on(async {
/// let mailer = Arc::new(Mailer);
/// let bus = Bus::isolated()
///     .subscribe_async("mail", async move |event: &OrderCreated| mailer.send(&event.address).await)
///     .build()?;
/// let error = bus.publish(&OrderCreated { address: "a@b.de".to_owned() }).await.unwrap_err();
/// assert_eq!(error.failures()[0].message(), "no mail server for a@b.de");
/// # Ok::<(), eventful::WiringError>(())
/// # }).unwrap();
/// ```
pub trait AsyncClosure<'a, E: ?Sized>: Sized {
    /// The output of the future.
    type Output;

    #[doc(hidden)]
    type __Future: Future<Output = Self::Output> + Send + 'a;

    #[doc(hidden)]
    fn __call(self, event: &'a E) -> Self::__Future;
}

impl<'a, E, C, F> AsyncClosure<'a, E> for C
where
    E: ?Sized + 'a,
    C: FnOnce(&'a E) -> F,
    F: Future + Send + 'a,
{
    type Output = F::Output;
    type __Future = F;

    #[inline]
    fn __call(self, event: &'a E) -> F {
        self(event)
    }
}

/// Erases the type of a closure.
pub(super) fn erased<E, C, O>(closure: C) -> Closure
where
    E: Listen<Mode: AcceptsAsync> + ?Sized,
    C: for<'a> AsyncClosure<'a, E, Output = O> + Clone + Send + Sync + 'static,
    O: Outcome<E::Mode> + 'static,
{
    let call = CallClone::<O, E::Mode>(PhantomData);
    let call = Call::new_async::<E, E::__Access, Arc<C>, _>(call);
    Closure::new::<E, C, O::__Events>(call, closure)
}

/// Calls a clone of a closure, and settles what comes of its future.
struct CallClone<O, M>(PhantomData<fn() -> (O, M)>);

impl<O, M> Clone for CallClone<O, M> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<O, M> Copy for CallClone<O, M> {}

impl<'a, E, C, O, M> AsyncFunction<'a, E, Arc<C>, Delivery> for CallClone<O, M>
where
    E: ?Sized,
    C: AsyncClosure<'a, E, Output = O> + Clone + Send + Sync + 'static,
    O: Outcome<M>,
{
    type Future = C::__Future;
    type Settled = HandlerResult;

    #[inline]
    fn call(self, event: &'a E, closure: &'a Arc<C>, _: &'a Delivery) -> Self::Future {
        C::clone(closure).__call(event)
    }

    #[inline]
    fn poll(
        future: Pin<&mut Self::Future>,
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
