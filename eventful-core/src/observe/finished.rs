//! The end of a publish or of a handler.

use std::fmt;
use std::time::Duration;

use crate::event::AnyEvent;
use crate::report::{Delivered, Failure, PublishError};

/// The end of a handler: its outcome, and the time that it took.
///
/// # Examples
///
/// ```
/// use eventful::observe::{HandlerEnd, HandlerOutcome};
///
/// fn failure_of(end: &HandlerEnd<'_>) -> Option<String> {
///     match end.outcome() {
///         HandlerOutcome::Failed(failure) => Some(format!("{failure}, after {:?}", end.elapsed())),
///         _ => None,
///     }
/// }
/// ```
pub type HandlerEnd<'a> = Finished<'a, HandlerOutcome<'a>>;

/// The end of a publish: its outcome, and the time that it took.
///
/// # Examples
///
/// ```
/// use eventful::observe::{PublishEnd, PublishOutcome};
///
/// fn is_refused(end: &PublishEnd<'_>) -> bool {
///     matches!(end.outcome(), PublishOutcome::Failed(error) if error.refusal().is_some())
/// }
/// ```
pub type PublishEnd<'a> = Finished<'a, PublishOutcome<'a>>;

/// The end of a handler, [`HandlerEnd`], or of a publish, [`PublishEnd`].
///
/// # Examples
///
/// ```
/// use std::fmt::Display;
///
/// use eventful::observe::Finished;
///
/// fn line<Outcome: Copy + Display>(end: &Finished<'_, Outcome>) -> String {
///     format!("{} {} after {:?}", end.event().event_name(), end.outcome(), end.elapsed())
/// }
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Finished<'a, Outcome> {
    event: &'a dyn AnyEvent,
    outcome: Outcome,
    elapsed: Duration,
}

impl<'a, Outcome: Copy> Finished<'a, Outcome> {
    pub(super) const fn new(event: &'a dyn AnyEvent, outcome: Outcome, elapsed: Duration) -> Self {
        Self {
            event,
            outcome,
            elapsed,
        }
    }

    /// Returns the event itself; `end.event().as_member::<dyn Auditable>()` is the event as a member of a
    /// [family](AnyEvent).
    #[must_use]
    pub const fn event(&self) -> &'a dyn AnyEvent {
        self.event
    }

    /// Returns the outcome.
    #[must_use]
    pub const fn outcome(&self) -> Outcome {
        self.outcome
    }

    /// Returns the time since it began, waiting included. Zero where there is no clock, as on `wasm32-unknown-unknown`.
    #[must_use]
    pub const fn elapsed(&self) -> Duration {
        self.elapsed
    }
}

/// The outcome of a handler. `Display` is `handled`, `skipped`, `failed`, `panicked` or `cancelled`, for a field or a
/// label.
///
/// # Examples
///
/// ```
/// use eventful::observe::HandlerOutcome;
///
/// assert_eq!(HandlerOutcome::Skipped.to_string(), "skipped");
/// ```
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum HandlerOutcome<'a> {
    /// It returned without an error.
    Handled,
    /// Its guard kept it from running.
    Skipped,
    /// It returned an error or panicked, or its guard did.
    Failed(&'a Failure),
    /// The publish was dropped before the handler was finished.
    Cancelled,
}

impl fmt::Display for HandlerOutcome<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Handled => "handled",
            Self::Skipped => "skipped",
            Self::Failed(failure) if failure.is_panic() => "panicked",
            Self::Failed(_) => "failed",
            Self::Cancelled => "cancelled",
        })
    }
}

/// The outcome of a publish, without the events that its handlers returned: these are publishes of their own here.
/// `Display` is `delivered`, `failed`, `refused` or `cancelled`, for a field or a label.
///
/// # Examples
///
/// ```
/// use eventful::observe::PublishOutcome;
///
/// assert_eq!(PublishOutcome::Cancelled.to_string(), "cancelled");
/// ```
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum PublishOutcome<'a> {
    /// All of its handlers that ran did so without a failure.
    Delivered(Delivered),
    /// At least one of its handlers failed, or it was refused.
    Failed(&'a PublishError),
    /// It was dropped before all handlers were finished.
    Cancelled,
}

impl<'a> PublishOutcome<'a> {
    pub(crate) const fn of(result: &'a Result<Delivered, PublishError>) -> Self {
        match result {
            Ok(delivered) => Self::Delivered(*delivered),
            Err(error) => Self::Failed(error),
        }
    }
}

impl fmt::Display for PublishOutcome<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Delivered(_) => "delivered",
            Self::Failed(error) if error.failures().is_empty() => "refused",
            Self::Failed(_) => "failed",
            Self::Cancelled => "cancelled",
        })
    }
}
