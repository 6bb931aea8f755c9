//! What is logged, once each, under the target `eventful`: a failure and a refused publish as errors, a publish that was
//! dropped half-way as a warning.
//!
//! Without the feature `tracing` nothing is.

use std::panic::Location;

use crate::bus::DetachError;
use crate::delivery::Delivery;
use crate::handler::HandlerInfo;
use crate::report::{Failure, PublishError, RawFailure};

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

#[cfg(feature = "tracing")]
pub(crate) fn cancelled(
    delivery: &Delivery,
    cut_off: &[HandlerInfo],
    never_started: &[HandlerInfo],
) {
    let ids = |handlers: &[HandlerInfo]| {
        handlers
            .iter()
            .map(HandlerInfo::id)
            .collect::<Vec<_>>()
            .join(", ")
    };
    tracing::warn!(
        target: "eventful",
        event = delivery.event(),
        published_at = %delivery.published_at(),
        cut_off = ids(cut_off),
        never_started = ids(never_started),
        "publish dropped half-way",
    );
}

#[cfg(feature = "tracing")]
pub(crate) fn never_polled(event: &str, published_at: &Location<'_>) {
    tracing::warn!(target: "eventful", event, %published_at, "publish dropped before it began");
}

#[cfg(feature = "tracing")]
pub(crate) fn not_detached(error: &DetachError) {
    tracing::error!(
        target: "eventful",
        event = error.event(),
        published_at = %error.published_at(),
        error = %error,
        "detached publish refused",
    );
}

#[cfg(not(feature = "tracing"))]
pub(crate) fn not_detached(_: &DetachError) {}

#[cfg(feature = "tracing")]
pub(crate) fn panic_when_cut_off(failure: &RawFailure) {
    tracing::error!(target: "eventful", error = failure.message(), "handler panicked while it was cut off");
}

#[cfg(not(feature = "tracing"))]
pub(crate) fn cancelled(_: &Delivery, _: &[HandlerInfo], _: &[HandlerInfo]) {}

#[cfg(not(feature = "tracing"))]
pub(crate) fn never_polled(_: &str, _: &Location<'_>) {}

#[cfg(not(feature = "tracing"))]
pub(crate) fn panic_when_cut_off(_: &RawFailure) {}

#[cfg(not(feature = "tracing"))]
pub(crate) fn failure(_failure: &Failure) {}

#[cfg(not(feature = "tracing"))]
pub(crate) fn refusal(_error: &PublishError) {}
