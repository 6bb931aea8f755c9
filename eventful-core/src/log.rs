//! What is logged: each failure and each refused publish, once, at error level, under the target `eventful`.
//!
//! Without the feature `tracing` nothing is.

use crate::report::{Failure, PublishError};

#[cfg(feature = "tracing")]
pub(crate) fn failure(failure: &Failure) {
    tracing::error!(
        target: "eventful",
        event = failure.event(),
        handler = failure.handler().id(),
        handler_at = %failure.handler().position,
        published_at = %failure.published_at(),
        error = failure.message(),
        "{}",
        if failure.is_panic() { "handler panicked" } else { "handler failed" },
    );
}

#[cfg(feature = "tracing")]
pub(crate) fn refusal(error: &PublishError) {
    if let Some(refusal) = error.refusal() {
        tracing::error!(
            target: "eventful",
            event = error.event(),
            published_at = %error.published_at(),
            error = %refusal,
            "publish refused",
        );
    }
}

#[cfg(not(feature = "tracing"))]
pub(crate) fn failure(_failure: &Failure) {}

#[cfg(not(feature = "tracing"))]
pub(crate) fn refusal(_error: &PublishError) {}
