//! What a handler may return.

use std::any::Any;
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
    catch_unwind(AssertUnwindSafe(handler)).unwrap_or_else(panicked)
}

// Out of line, so that each handler's shim is as small as its handler.
#[cold]
#[inline(never)]
fn panicked(payload: Box<dyn Any + Send>) -> HandlerResult {
    Err(Box::new(RawFailure::panic(payload)))
}

/// As [`contain`], of a function that makes a future: of each poll, and of the drop.
#[derive(Clone, Copy)]
pub(crate) struct Containing<F>(pub(crate) F);

impl<'a, F, E, P> FutureFunction<'a, E, P, Delivery, HandlerResult> for Containing<F>
where
    F: FutureFunction<'a, E, P, Delivery, HandlerResult>,
{
    type Future = ContainedFuture<Made, F::Future>;

    fn call(self, event: &'a E, parameters: &'a P, delivery: &'a Delivery) -> Self::Future {
        let future = self.0.call(event, parameters, delivery);
        Beside::new(Contained(Made), Some(future))
    }
}

/// A handler's future whose panics are that handler's failures.
pub(crate) type ContainedFuture<H, F> = Beside<Contained<H>, Option<F>>;

pub(crate) struct Contained<H>(H);

impl<H: Handling<F>, F: Future> ContainedFuture<H, F> {
    /// A future that `handling` makes on the first poll.
    pub(crate) const fn lazy(handling: H) -> Self {
        Self::new(Contained(handling), None)
    }
}

/// How a future is made, and what its output means.
pub(crate) trait Handling<F: Future> {
    /// Makes the future, once; none if it was there from the beginning.
    fn make(&mut self) -> Option<F>;

    fn result(output: F::Output) -> HandlerResult;
}

/// Of a future that is there, of a result.
pub(crate) struct Made;

impl<F: Future<Output = HandlerResult>> Handling<F> for Made {
    fn make(&mut self) -> Option<F> {
        None
    }

    fn result(output: HandlerResult) -> HandlerResult {
        output
    }
}

impl<H: Handling<F>, F: Future> Future for ContainedFuture<H, F> {
    type Output = HandlerResult;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<HandlerResult> {
        let (Contained(handling), mut future) = self.parts();
        let poll = || {
            if let Some(made) = handling.make() {
                future.set(Some(made));
            }
            let polled = future
                .as_mut()
                .as_pin_mut()
                .map(|future| future.poll(context));
            polled.unwrap_or(Poll::Pending).map(H::result)
        };
        let result = match catch_unwind(AssertUnwindSafe(poll)) {
            Ok(Poll::Pending) => return Poll::Pending,
            Ok(Poll::Ready(result)) => result,
            Err(payload) => Err(Box::new(RawFailure::panic(payload))),
        };
        // What the future still holds is dropped as a part of the handler's run.
        let dropped = catch_unwind(AssertUnwindSafe(|| future.set(None)));
        let dropped = dropped.map_err(|payload| Box::new(RawFailure::panic(payload)));
        Poll::Ready(match (result, dropped) {
            (Err(failure), Err(panic)) => {
                // A handler fails once; what comes on top of it is only logged.
                log::panic_when_dropped(&panic.message());
                Err(failure)
            }
            (result, dropped) => result.and(dropped),
        })
    }
}

impl<H, F> BesideDrop<Option<F>> for Contained<H> {
    /// Drops a future that was cut off.
    fn drop_future(&mut self, mut future: Pin<&mut Option<F>>) {
        if let Err(payload) = catch_unwind(AssertUnwindSafe(|| future.set(None))) {
            log::panic_when_dropped(&RawFailure::panic(payload).message());
        }
    }
}
