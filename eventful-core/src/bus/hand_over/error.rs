//! The errors of what is handed over.

use std::any::Any;
use std::error::Error;
use std::fmt;
use std::panic::Location;

use crate::contained::{give_up, panic_text};
use crate::log;

/// The error of [`Bus::hand_over`](crate::Bus::hand_over): the events are not published.
///
/// It is already logged.
///
/// # Examples
///
/// ```
/// use eventful::HandOverError;
///
/// fn status_of(error: &HandOverError) -> u16 {
///     if error.is_full() { 503 } else { 500 }
/// }
/// ```
#[derive(Clone)]
pub struct HandOverError {
    events: Vec<&'static str>,
    handed_over_at: &'static Location<'static>,
    reason: Reason,
}

#[derive(Clone)]
pub(super) enum Reason {
    NoSpawner,
    Full { limit: usize },
    Dropped,
    SpawnerPanicked { message: Option<String> },
}

impl Reason {
    pub(super) fn panicked(payload: Box<dyn Any + Send>) -> Self {
        let message = panic_text(&*payload).map(str::to_owned);
        give_up(payload);
        Self::SpawnerPanicked { message }
    }
}

impl HandOverError {
    /// Makes the error, and logs it.
    pub(super) fn refuse(
        events: Vec<&'static str>,
        handed_over_at: &'static Location<'static>,
        reason: Reason,
    ) -> Self {
        let error = Self {
            events,
            handed_over_at,
            reason,
        };
        log::hand_over_refused(&error.events.join(", "), handed_over_at, &error);
        error
    }

    /// Returns the names of the events: one, or those of a [`Pending`](crate::Pending), in order.
    #[must_use]
    pub fn event_names(&self) -> &[&'static str] {
        &self.events
    }

    /// Returns the line that called [`hand_over`](crate::Bus::hand_over).
    #[must_use]
    pub const fn handed_over_at(&self) -> &'static Location<'static> {
        self.handed_over_at
    }

    /// Returns true if the bus was built without a [spawner](crate::BusBuilder::spawner).
    #[must_use]
    pub const fn is_without_spawner(&self) -> bool {
        matches!(self.reason, Reason::NoSpawner)
    }

    /// Returns true if as much was under way as the bus [allows](crate::BusBuilder::hand_over_limit). Later there may
    /// be room.
    #[must_use]
    pub const fn is_full(&self) -> bool {
        matches!(self.reason, Reason::Full { .. })
    }

    /// Returns true if the spawner has dropped the task, as a runtime does that has ended.
    #[must_use]
    pub const fn is_runtime_ended(&self) -> bool {
        matches!(self.reason, Reason::Dropped)
    }

    /// Returns true if the spawner has panicked.
    #[must_use]
    pub const fn is_spawner_panic(&self) -> bool {
        matches!(self.reason, Reason::SpawnerPanicked { .. })
    }
}

impl fmt::Display for HandOverError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            events,
            handed_over_at,
            reason,
        } = self;
        if events.is_empty() {
            formatter.write_str("a `Pending` without events")?;
        } else {
            write!(formatter, "`{}`", events.join("`, `"))?;
        }
        write!(formatter, " cannot be handed over, at {handed_over_at}: ")?;
        match reason {
            Reason::NoSpawner => formatter.write_str(
                "the bus has nothing to run it on; write `.spawner(|task| …)` on the builder, or on tokio \
                 `.spawn_on(Handle::current())` with the feature `tokio`; or await `publish`",
            ),
            Reason::Full { limit } => write!(
                formatter,
                "the bus has as many under way as its limit allows, {limit}; write `.hand_over_limit(…)` on the builder \
                 for another limit, or for `WhenFull::Queue`"
            ),
            Reason::Dropped => formatter.write_str(
                "the spawner has dropped the task, as a runtime does that has ended; await `drained` before it ends",
            ),
            Reason::SpawnerPanicked { message: None } => formatter.write_str("the spawner panicked"),
            Reason::SpawnerPanicked {
                message: Some(message),
            } => write!(formatter, "the spawner panicked: {message}"),
        }
    }
}

/// Writes the same text as `Display`, because `unwrap` and a `main` that returns the error print it.
impl fmt::Debug for HandOverError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

impl Error for HandOverError {}

/// The error of [`Bus::drained_within`](crate::Bus::drained_within): some of what was handed over had not ended
/// when the time was over.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
///
/// use eventful::Bus;
///
/// fn shut_down(bus: &Bus) {
///     if let Err(error) = bus.drained_within(Duration::from_secs(5)) {
///         eprintln!("{} hand-overs are lost", error.count());
///     }
/// }
/// # shut_down(&Bus::isolated().build()?);
/// # Ok::<(), eventful::WiringError>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct DrainTimeoutError(pub(super) usize);

impl DrainTimeoutError {
    /// Returns the number of hand-overs that had not ended.
    #[must_use]
    pub const fn count(self) -> usize {
        self.0
    }
}

impl fmt::Display for DrainTimeoutError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "hand-overs that have not ended: {}", self.0)
    }
}

/// Writes the same text as `Display`, because `unwrap` prints it.
impl fmt::Debug for DrainTimeoutError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

impl Error for DrainTimeoutError {}
