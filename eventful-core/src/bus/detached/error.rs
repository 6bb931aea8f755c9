//! The errors of detached publishes.

use std::error::Error;
use std::fmt;
use std::panic::Location;

use crate::log;

/// An event that [`Bus::publish_detached`](crate::Bus::publish_detached) did not hand over, and the reason.
///
/// # Examples
///
/// ```
/// use eventful::DetachError;
///
/// fn status_of(error: &DetachError) -> u16 {
///     if error.is_full() { 503 } else { 500 }
/// }
/// ```
#[derive(Clone, Copy, Debug)]
pub struct DetachError {
    origin: Origin,
    reason: Reason,
}

#[derive(Clone, Copy, Debug)]
pub(super) enum Reason {
    NoSpawner,
    Full { limit: usize },
    SpawnerPanicked,
}

impl DetachError {
    /// Returns the name of the event.
    #[must_use]
    pub const fn event_name(&self) -> &'static str {
        self.origin.event_name
    }

    /// Returns the line that published it.
    #[must_use]
    pub const fn published_at(&self) -> &'static Location<'static> {
        self.origin.published_at
    }

    /// Returns `true` if as many publishes were outstanding as the bus allows. Later there may be room.
    #[must_use]
    pub const fn is_full(&self) -> bool {
        matches!(self.reason, Reason::Full { .. })
    }
}

impl fmt::Display for DetachError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { origin, reason } = self;
        let Origin {
            event_name,
            published_at,
        } = origin;
        write!(
            formatter,
            "`{event_name}`, published detached at {published_at}, was not delivered: "
        )?;
        match reason {
            Reason::NoSpawner => formatter.write_str(
                "the bus has nothing to run it on; write `.spawner(|task| …)` on the builder, or await `publish`",
            ),
            Reason::Full { limit } => write!(
                formatter,
                "{limit} are outstanding, which is the limit of this bus"
            ),
            Reason::SpawnerPanicked => formatter.write_str("the spawner panicked"),
        }
    }
}

impl Error for DetachError {}

/// The error of [`Bus::drained_within`](crate::Bus::drained_within): detached publishes were still outstanding when
/// the time was over.
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
///         eprintln!("{} publishes are lost", error.count());
///     }
/// }
/// # shut_down(&Bus::isolated().build()?);
/// # Ok::<(), eventful::WiringError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DrainTimeoutError(pub(super) usize);

impl DrainTimeoutError {
    /// Returns the number of publishes that were still outstanding.
    #[must_use]
    pub const fn count(self) -> usize {
        self.0
    }
}

impl fmt::Display for DrainTimeoutError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} detached tasks are still outstanding", self.0)
    }
}

impl Error for DrainTimeoutError {}

/// The event of a detached publish, and the line that published it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Origin {
    pub(super) event_name: &'static str,
    pub(super) published_at: &'static Location<'static>,
}

impl Origin {
    pub(super) fn refuse(self, reason: Reason) -> DetachError {
        let error = DetachError {
            origin: self,
            reason,
        };
        log::not_detached(self.event_name, self.published_at, &error);
        error
    }
}
