//! What is logged, once each, under the target `eventful`: a failure and a refused publish as errors, a publish that was
//! dropped half-way as a warning.
//!
//! Without the feature `tracing` nothing is.

use std::fmt::Display;
use std::panic::Location;
#[cfg(feature = "tracing")]
use std::panic::{AssertUnwindSafe, catch_unwind};

#[cfg(feature = "tracing")]
use crate::delivery;
use crate::delivery::Delivery;
use crate::handler::HandlerInfo;
#[cfg(feature = "tracing")]
use crate::report::{Cause, give_up};
use crate::report::{Failure, PublishError};

/// A subscriber that panics must neither unwind the publisher nor keep handlers from running.
#[cfg(feature = "tracing")]
fn guarded(log: impl FnOnce()) {
    if let Err(payload) = catch_unwind(AssertUnwindSafe(log)) {
        give_up(payload);
    }
}

#[cfg(feature = "tracing")]
pub(crate) fn failure(failure: &Failure) {
    guarded(|| {
        tracing::error!(
            target: "eventful",
            event = failure.event_name(),
            handler = failure.handler().id(),
            handler_at = %failure.handler().position,
            published_at = %failure.published_at(),
            caused_by = chain(failure.causes()),
            error = failure.message(),
            "{}",
            failure.summary(),
        );
    });
}

/// What led to a failure, in one line, up to where it repeats; nothing if nothing did.
#[cfg(feature = "tracing")]
fn chain(causes: &[Cause]) -> Option<String> {
    let repeats = |index: &usize| {
        let earlier = &causes[..*index];
        earlier
            .iter()
            .any(|cause| cause.is_same_step(&causes[*index]))
    };
    let told = (0..causes.len()).find(repeats).unwrap_or(causes.len());
    let mut steps: Vec<_> = causes[..told].iter().map(ToString::to_string).collect();
    if told < causes.len() {
        steps.push(format!("and so on, {} steps in all", causes.len()));
    }
    (!steps.is_empty()).then(|| steps.join(", "))
}

#[cfg(feature = "tracing")]
pub(crate) fn refusal(error: &PublishError) {
    if let Some(refusal) = error.refusal() {
        guarded(|| {
            tracing::error!(
                target: "eventful",
                event = error.event_name(),
                published_at = %error.published_at(),
                error = %refusal,
                "publish refused",
            );
        });
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
    guarded(|| {
        tracing::warn!(
            target: "eventful",
            event = delivery.event_name(),
            published_at = %delivery.published_at(),
            cut_off = ids(cut_off),
            never_started = ids(never_started),
            "publish dropped half-way",
        );
    });
}

#[cfg(feature = "tracing")]
pub(crate) fn never_polled(event: &str, published_at: &Location<'_>) {
    guarded(|| {
        tracing::warn!(target: "eventful", event, %published_at, "publish dropped before it began");
    });
}

#[cfg(feature = "tracing")]
pub(crate) fn not_detached(event: &str, published_at: &Location<'_>, error: &dyn Display) {
    guarded(|| {
        tracing::error!(
            target: "eventful",
            event,
            %published_at,
            %error,
            "detached publish refused",
        );
    });
}

#[cfg(not(feature = "tracing"))]
pub(crate) fn not_detached(_: &str, _: &Location<'_>, _: &dyn Display) {}

/// A panic of a handler that was cut off or has failed already, and is being dropped.
#[cfg(feature = "tracing")]
pub(crate) fn panic_when_dropped(message: &str) {
    delivery::with_current(|delivery| {
        let Some(handling) = delivery.and_then(Delivery::as_cause) else {
            return;
        };
        guarded(|| {
            tracing::error!(
                target: "eventful",
                event = handling.event_name(),
                handler = handling.handler().id(),
                handler_at = %handling.handler().position,
                published_at = %handling.published_at(),
                error = message,
                "handler panicked when it was dropped",
            );
        });
    });
}

#[cfg(not(feature = "tracing"))]
pub(crate) fn cancelled(_: &Delivery, _: &[HandlerInfo], _: &[HandlerInfo]) {}

#[cfg(not(feature = "tracing"))]
pub(crate) fn never_polled(_: &str, _: &Location<'_>) {}

#[cfg(not(feature = "tracing"))]
pub(crate) fn panic_when_dropped(_: &str) {}

#[cfg(not(feature = "tracing"))]
pub(crate) fn failure(_failure: &Failure) {}

#[cfg(not(feature = "tracing"))]
pub(crate) fn refusal(_error: &PublishError) {}

/// An observer that panicked, which nobody else is told.
#[cfg(feature = "tracing")]
pub(crate) fn observer_panicked(delivery: &Delivery, observer: &str, message: &str) {
    guarded(|| {
        tracing::error!(
            target: "eventful",
            observer,
            event = delivery.event_name(),
            handler = delivery.as_cause().map(|cause| cause.handler().id()),
            published_at = %delivery.published_at(),
            error = message,
            "observer panicked",
        );
    });
}

#[cfg(not(feature = "tracing"))]
pub(crate) fn observer_panicked(_: &Delivery, _: &str, _: &str) {}

/// Returned events that wait for their publish when it is dropped.
#[cfg(feature = "tracing")]
pub(crate) fn returned_discarded(event: &str, published_at: &Location<'_>, discarded: &[&str]) {
    guarded(|| {
        tracing::warn!(
            target: "eventful",
            event,
            %published_at,
            discarded = discarded.join(", "),
            "publish dropped before all returned events were published",
        );
    });
}

#[cfg(not(feature = "tracing"))]
pub(crate) fn returned_discarded(_: &str, _: &Location<'_>, _: &[&str]) {}

/// Pending events that were dropped: as a rollback does, or while they were being published.
#[cfg(feature = "tracing")]
pub(crate) fn pending_discarded(discarded: &[&str], has_begun: bool) {
    let discarded = discarded.join(", ");
    guarded(|| {
        if has_begun {
            tracing::warn!(target: "eventful", discarded, "publish of pending events dropped half-way");
        } else {
            tracing::debug!(target: "eventful", discarded, "pending events discarded");
        }
    });
}

#[cfg(not(feature = "tracing"))]
pub(crate) fn pending_discarded(_: &[&str], _: bool) {}
