//! What a handler may return.

use std::panic::{AssertUnwindSafe, catch_unwind};

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
