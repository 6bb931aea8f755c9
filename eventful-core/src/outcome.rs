//! What a handler may return.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::task::{Context, Poll};

use crate::delivery::Delivery;
use crate::log;
use crate::raw::{Beside, BesideDrop, FutureFunction};
use crate::report::{BoxError, HandlerResult, RawFailure};

/// What a handler may return: `()`, or `Result<(), E>` with an error that converts into a boxed one.
#[diagnostic::on_unimplemented(
    message = "a handler cannot return `{Self}`",
    label = "not a handler's return type",
    note = "a handler returns `()`, or `Result<(), E>` where `E` is an `Error + Send + Sync + 'static`, \
            a `Box<dyn Error + Send + Sync>` or anything else that converts into one"
)]
pub trait Outcome {
    #[doc(hidden)]
    fn __into_result(self) -> HandlerResult;
}

impl Outcome for () {
    #[inline]
    fn __into_result(self) -> HandlerResult {
        Ok(())
    }
}

// Without the attribute, an error that does not convert is three errors about what `Box` implements.
#[diagnostic::do_not_recommend]
impl<E: Into<BoxError>> Outcome for Result<(), E> {
    #[inline]
    fn __into_result(self) -> HandlerResult {
        self.map_err(|error| Box::new(RawFailure::error(error.into())))
    }
}

/// Makes a handler's panic a failure of that handler.
///
/// The handler's resources may be left as the panic found them. So may those of any thread that panics: what a handler
/// can break is behind a `Mutex`, which poisons itself, or an atomic.
#[inline]
pub(crate) fn contain(handler: impl FnOnce() -> HandlerResult) -> HandlerResult {
    catch_unwind(AssertUnwindSafe(handler))
        .unwrap_or_else(|payload| Err(Box::new(RawFailure::panic(payload))))
}

/// As [`contain`], of a function that makes a future: of each poll, and of the drop.
#[derive(Clone, Copy)]
pub(crate) struct Containing<F>(pub(crate) F);

impl<'a, F, E, P> FutureFunction<'a, E, P, Delivery, HandlerResult> for Containing<F>
where
    F: FutureFunction<'a, E, P, Delivery, HandlerResult>,
{
    type Future = ContainedFuture<F::Future>;

    fn call(self, event: &'a E, parameters: &'a P, delivery: &'a Delivery) -> Self::Future {
        Beside::new(Contained, Some(self.0.call(event, parameters, delivery)))
    }
}

/// A handler's future whose panics are that handler's failures.
pub(crate) type ContainedFuture<F> = Beside<Contained, Option<F>>;

pub(crate) struct Contained;

impl<F: Future<Output = HandlerResult>> Future for ContainedFuture<F> {
    type Output = HandlerResult;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<HandlerResult> {
        let (_, mut future) = self.parts();
        let poll = || {
            future
                .as_mut()
                .as_pin_mut()
                .map_or(Poll::Pending, |future| future.poll(context))
        };
        let result = match catch_unwind(AssertUnwindSafe(poll)) {
            Ok(Poll::Pending) => return Poll::Pending,
            Ok(Poll::Ready(result)) => result,
            Err(payload) => Err(Box::new(RawFailure::panic(payload))),
        };
        // What the future still holds is dropped as a part of the handler's run.
        let dropped = catch_unwind(AssertUnwindSafe(|| future.set(None)));
        let dropped = dropped.map_err(|payload| Box::new(RawFailure::panic(payload)));
        Poll::Ready(result.and(dropped))
    }
}

impl<F> BesideDrop<Option<F>> for Contained {
    /// Drops a future that was cut off.
    fn drop_future(&mut self, mut future: Pin<&mut Option<F>>) {
        if let Err(payload) = catch_unwind(AssertUnwindSafe(|| future.set(None))) {
            log::panic_when_cut_off(&RawFailure::panic(payload));
        }
    }
}
