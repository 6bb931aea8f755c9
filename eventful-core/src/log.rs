//! The log, under the target `eventful`: each failure and each refused publish once, as an error, unless the event
//! says otherwise; a publish that is dropped half-way as a warning. An attempt of which a worker tells is logged for
//! debugging.
//!
//! Without the feature `tracing` nothing is logged.
#![cfg_attr(
    not(feature = "tracing"),
    expect(unused_variables, reason = "they are the fields of what is not logged")
)]

use std::fmt::Display;
use std::panic::Location;

#[cfg(feature = "tracing")]
use eventful_wiring::ShortType;
#[cfg(feature = "tracing")]
use tracing::level_filters::LevelFilter;

use crate::contained::log;
use crate::delivery::{self, Delivery};
use crate::event::LogLevel;
use crate::handler::{HandlerInfo, StartedBy};
#[cfg(feature = "tracing")]
use crate::report::Cause;
use crate::report::{Failure, PublishError};

/// Logs a failure of a handler of `delivery`: a panic as an error, and what it returned at the event's level.
#[cfg_attr(
    not(feature = "tracing"),
    expect(clippy::match_same_arms, reason = "each logs nothing")
)]
pub(crate) fn failure(failure: &Failure, delivery: &Delivery) {
    // Without a subscriber there is nothing to find out.
    #[cfg(feature = "tracing")]
    if LevelFilter::current() == LevelFilter::OFF {
        return;
    }
    macro_rules! log_at {
        ($level:ident) => {{
            log!(
                $level,
                event = failure.event_name(),
                handler = failure.handler().id(),
                handler_at = %failure.handler().position,
                published_at = %failure.published_at(),
                caused_by = chain(failure.causes()),
                error = failure.message(),
                "{}",
                failure.summary(),
            );
        }};
    }
    match delivery.log_level() {
        // Of an attempt of a handler that runs by itself, the worker tells.
        _ if failure.is_panic() && failure.handler().started_by != StartedBy::Worker => {
            log_at!(error);
        }
        LogLevel::Error => log_at!(error),
        LogLevel::Warn => log_at!(warn),
        LogLevel::Info => log_at!(info),
        LogLevel::Debug => log_at!(debug),
    }
}

/// Returns the causes of a failure in one line, up to the first that repeats an earlier one. None if there are none.
#[cfg(feature = "tracing")]
fn chain(causes: &[Cause]) -> Option<String> {
    let repeats = |index: &usize| {
        let earlier = &causes[..*index];
        earlier
            .iter()
            .any(|cause| cause.is_same_step(&causes[*index]))
    };
    let shown = (0..causes.len()).find(repeats).unwrap_or(causes.len());
    let mut steps: Vec<_> = causes[..shown].iter().map(ToString::to_string).collect();
    if shown < causes.len() {
        steps.push(format!("and so on, {} steps in all", causes.len()));
    }
    (!steps.is_empty()).then(|| steps.join(", "))
}

pub(crate) fn refusal(error: &PublishError) {
    if let Some(refusal) = error.refusal() {
        log!(
            error,
            event = error.event_name(),
            published_at = %error.published_at(),
            error = %refusal,
            "publish refused",
        );
    }
}

pub(crate) fn cancelled(
    delivery: &Delivery,
    cancelled: &[HandlerInfo],
    never_started: &[HandlerInfo],
) {
    macro_rules! log_at {
        ($level:ident) => {
            log!(
                $level,
                event = delivery.event_name(),
                published_at = %delivery.published_at(),
                cancelled = ids(cancelled),
                never_started = ids(never_started),
                "publish dropped half-way",
            )
        };
    }
    // Such a delivery has one handler, and the worker tells of an attempt that has not ended in time.
    let is_attempt = |handler: &HandlerInfo| handler.started_by == StartedBy::Worker;
    if cancelled.iter().any(is_attempt) {
        log_at!(debug);
    } else {
        log_at!(warn);
    }
}

#[cfg(feature = "tracing")]
fn ids(handlers: &[HandlerInfo]) -> String {
    let ids: Vec<_> = handlers.iter().map(HandlerInfo::id).collect();
    ids.join(", ")
}

pub(crate) fn never_polled(event: &str, published_at: &Location<'_>) {
    log!(warn, event, %published_at, "publish dropped before it began");
}

pub(crate) fn hand_over_refused(event: &str, published_at: &Location<'_>, error: &dyn Display) {
    log!(error, event, %published_at, %error, "hand-over refused");
}

/// Logs an event that was handed over, and whose task is dropped before the publish begins.
pub(crate) fn hand_over_dropped(event: &str, published_at: &Location<'_>) {
    log!(error, event, %published_at, "event handed over to a task that was dropped before it began");
}

/// Logs a panic of a handler that was cancelled or has failed already, and is being dropped.
pub(crate) fn panic_when_dropped(message: &str) {
    if let Some(handling) = delivery::with_current(|delivery| delivery?.as_cause()) {
        log!(
            error,
            event = handling.event_name(),
            handler = handling.handler().id(),
            handler_at = %handling.handler().position,
            published_at = %handling.published_at(),
            error = message,
            "handler panicked when it was dropped",
        );
    }
}

/// Logs a resource that a handler does without because the bus does not provide it.
pub(crate) fn absent_resource(
    handler: &HandlerInfo,
    resource: &str,
    near_miss: impl Fn() -> Option<String>,
) {
    log!(
        debug,
        handler = handler.id(),
        handler_at = %handler.position,
        resource = %ShortType(resource),
        but = near_miss(),
        "nothing provides an optional resource",
    );
}

/// Logs the panic of an observer, which nothing else reports.
pub(crate) fn observer_panicked(delivery: &Delivery, observer: &str, message: &str) {
    log!(
        error,
        observer,
        event = delivery.event_name(),
        handler = delivery.as_cause().map(|cause| cause.handler().id()),
        published_at = %delivery.published_at(),
        error = message,
        "observer panicked",
    );
}

/// Logs returned events that still wait for their publish when it is dropped.
pub(crate) fn returned_discarded(event: &str, published_at: &Location<'_>, discarded: &[&str]) {
    log!(
        warn,
        event,
        %published_at,
        discarded = discarded.join(", "),
        "publish dropped before all returned events were published",
    );
}

/// Logs pending events that are dropped: by a rollback, or while they are being published.
pub(crate) fn pending_discarded(discarded: &[&str], has_begun: bool) {
    let discarded = discarded.join(", ");
    if has_begun {
        log!(
            warn,
            discarded,
            "publish of pending events dropped half-way"
        );
    } else {
        log!(debug, discarded, "pending events discarded");
    }
}
