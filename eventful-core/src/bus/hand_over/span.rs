//! The span of `tracing` in which something is handed over; without the feature `tracing`, nothing.

#[cfg(feature = "tracing")]
pub(super) struct Span(tracing::Span);

#[cfg(feature = "tracing")]
impl Span {
    pub(super) fn current() -> Self {
        Self(tracing::Span::current())
    }

    /// Runs `body` in the span. A subscriber that panics keeps nothing from running.
    pub(super) fn enter<R>(&self, body: impl FnOnce() -> R) -> R {
        let entered = contain(|| self.0.enter());
        let result = body();
        contain(|| drop(entered));
        result
    }
}

#[cfg(feature = "tracing")]
fn contain<R>(call: impl FnOnce() -> R) -> Option<R> {
    use std::panic::{AssertUnwindSafe, catch_unwind};

    use crate::contained::give_up;

    catch_unwind(AssertUnwindSafe(call)).map_err(give_up).ok()
}

#[cfg(not(feature = "tracing"))]
pub(super) struct Span;

#[cfg(not(feature = "tracing"))]
impl Span {
    pub(super) const fn current() -> Self {
        Self
    }

    #[expect(clippy::unused_self, reason = "it is that of the feature `tracing`")]
    pub(super) fn enter<R>(&self, body: impl FnOnce() -> R) -> R {
        body()
    }
}
