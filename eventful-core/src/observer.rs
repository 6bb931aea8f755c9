//! Who watches what a bus does: publishes and handlers, from start to end.

#[cfg(feature = "metrics")]
mod metrics;
#[cfg(feature = "tracing")]
mod tracing;
mod watch;

use std::fmt;
use std::time::Duration;

#[cfg(feature = "metrics")]
pub use self::metrics::Metrics;
#[cfg(feature = "tracing")]
pub use self::tracing::TracingSpans;
pub(crate) use self::watch::{Observers, Watch};
use crate::delivery::Delivery;
use crate::event::AnyEvent;
use crate::report::{Delivered, Failure, PublishError};

/// Is told what happens on a bus: [`BusBuilder::observe`](crate::BusBuilder::observe).
///
/// Each event that is delivered is a publish of its own here, one that a handler returned too; [`Delivery::cause`] says who
/// published or returned it. The calls for one publish come in the order in which things happen, on the thread on which they
/// do: `publish_started`, then for each handler `handler_started` and `handler_finished`, in execution order, then
/// `publish_finished`. Events that were returned follow. The handlers of a concurrent event start and finish in between each
/// other. A publish that is [refused](PublishError::refusal) starts and finishes without handlers; one that never reached
/// the bus, as a detached one that found no room, is only logged.
///
/// An observer that panics is logged, and the publish goes on.
///
/// The calls are synchronous, within the publish: what has to wait, such as writing to a database, is handed over to a queue.
///
/// A bus without observers costs nothing and reads no clock.
///
/// # Examples
///
/// ```
/// # use eventful_core as eventful;
/// use std::time::Duration;
///
/// use eventful::{Bus, Delivery, HandlerEnd, Observer};
///
/// struct SlowHandlers;
///
/// impl Observer for SlowHandlers {
///     fn handler_finished(&self, delivery: &Delivery, end: &HandlerEnd<'_>) {
///         if end.elapsed() > Duration::from_millis(100) {
///             eprintln!("{} took {:?}", delivery.handler(), end.elapsed());
///         }
///     }
/// }
///
/// let bus = Bus::isolated().observe(SlowHandlers).build()?;
/// # drop(bus);
/// # Ok::<(), eventful::WiringError>(())
/// ```
#[expect(
    unused_variables,
    reason = "the parameters are named for those who implement the trait"
)]
pub trait Observer: Send + Sync + 'static {
    /// A publish begins.
    fn publish_started(&self, delivery: &Delivery) {}

    /// The handlers of a publish have run, or it ends before. Events that they returned follow.
    fn publish_finished(&self, delivery: &Delivery, end: &PublishEnd<'_>) {}

    /// A handler begins: [`Delivery::handler`] says which.
    fn handler_started(&self, delivery: &Delivery) {}

    /// A handler has ended.
    fn handler_finished(&self, delivery: &Delivery, end: &HandlerEnd<'_>) {}

    /// What is to be entered while the publish or the handler runs; called after the `…_started` of it.
    fn span(&self, delivery: &Delivery, part: Part) -> Option<Box<dyn Span>> {
        None
    }
}

/// Whose span is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// That of the whole publish.
    Publish,
    /// That of the handler which is about to run.
    Handler,
}

/// A stretch of time on one thread after the other: entered whenever its publish or handler runs, which is once for a
/// synchronous one, and on each poll for an asynchronous one.
#[expect(
    unused_variables,
    reason = "the parameters are named for those who implement the trait"
)]
pub trait Span: Send + Sync {
    /// It goes on, on this thread.
    fn enter(&self);

    /// It is left, on the same thread.
    fn exit(&self);

    /// Its publish has ended. The span is dropped afterwards.
    fn publish_finished(&self, end: &PublishEnd<'_>) {}

    /// Its handler has ended. The span is dropped afterwards.
    fn handler_finished(&self, end: &HandlerEnd<'_>) {}
}

/// How a handler ended, and when.
#[derive(Clone, Copy, Debug)]
pub struct HandlerEnd<'a> {
    event: &'a dyn AnyEvent,
    outcome: HandlerOutcome<'a>,
    elapsed: Duration,
}

/// How a handler ended.
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

impl<'a> HandlerEnd<'a> {
    pub(crate) const fn new(
        event: &'a dyn AnyEvent,
        outcome: HandlerOutcome<'a>,
        elapsed: Duration,
    ) -> Self {
        Self {
            event,
            outcome,
            elapsed,
        }
    }

    /// The event itself; `end.event().as_member::<dyn Auditable>()` is what it says as a member of a
    /// [family](AnyEvent).
    #[must_use]
    pub const fn event(&self) -> &'a dyn AnyEvent {
        self.event
    }

    /// How it ended.
    #[must_use]
    pub const fn outcome(&self) -> HandlerOutcome<'a> {
        self.outcome
    }

    /// The time since it began, waiting included. Zero where there is no clock, as on `wasm32-unknown-unknown`.
    #[must_use]
    pub const fn elapsed(&self) -> Duration {
        self.elapsed
    }
}

/// `handled`, `skipped`, `failed`, `panicked` or `cancelled`: for a field or a label.
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

/// How a publish ended, and when.
#[derive(Clone, Copy, Debug)]
pub struct PublishEnd<'a> {
    event: &'a dyn AnyEvent,
    outcome: PublishOutcome<'a>,
    elapsed: Duration,
}

/// How a publish ended. Events that handlers returned are publishes of their own here, and not part of it.
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

impl<'a> PublishEnd<'a> {
    pub(crate) const fn new(
        event: &'a dyn AnyEvent,
        outcome: PublishOutcome<'a>,
        elapsed: Duration,
    ) -> Self {
        Self {
            event,
            outcome,
            elapsed,
        }
    }

    /// The event itself; `end.event().as_member::<dyn Auditable>()` is what it says as a member of a
    /// [family](AnyEvent).
    #[must_use]
    pub const fn event(&self) -> &'a dyn AnyEvent {
        self.event
    }

    /// How it ended.
    #[must_use]
    pub const fn outcome(&self) -> PublishOutcome<'a> {
        self.outcome
    }

    /// The time since it began, waiting included. Zero where there is no clock, as on `wasm32-unknown-unknown`.
    #[must_use]
    pub const fn elapsed(&self) -> Duration {
        self.elapsed
    }
}

/// `delivered`, `failed`, `refused` or `cancelled`: for a field or a label.
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
