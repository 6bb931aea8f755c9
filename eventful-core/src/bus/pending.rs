//! Events that wait until they are told to be published: after the commit.

mod error;

use std::collections::VecDeque;
use std::fmt;
use std::mem;
use std::panic::Location;

pub use self::error::PendingError;
use super::{Bus, Publishing};
use crate::delivery;
use crate::event::mode::NeverWaits;
use crate::event::{BoxedEvent, Event};
use crate::log;
use crate::report::Delivered;

impl Bus {
    /// Collects synchronous events that are published on this bus when [`Pending::publish`] says so.
    pub fn pending(&self) -> Pending {
        Pending(Waiting::on(self.clone()))
    }

    /// As [`pending`](Bus::pending), of asynchronous and synchronous events.
    pub fn pending_async(&self) -> PendingAsync {
        PendingAsync(Waiting::on(self.clone()))
    }
}

/// Synchronous events that have happened but are not published yet.
///
/// It owns the events and its bus, borrows nothing, and is `Send` and `Sync`: it can be a field of an aggregate, or go into
/// a task. Dropping it discards the events, as a rollback does, which is logged at debug level.
///
/// It knows no transaction. If the process dies between the commit and `publish`, the events are lost.
///
/// # Examples
///
/// ```
/// # use eventful_core as eventful;
/// use eventful::{Bus, Event, PendingError, mode};
///
/// fn save<E: Event<Mode = mode::Sync>>(bus: &Bus, created: E, paid: E) -> Result<(), PendingError> {
///     let mut pending = bus.pending();
///     pending.push(created);
///     pending.push(paid);
///     // … commit, and return early if that fails …
///     pending.publish()?;
///     Ok(())
/// }
/// ```
#[must_use = "pending events are discarded unless `publish` is called"]
pub struct Pending(Waiting);

impl Pending {
    /// Adds an event behind the others. This line is the one that published it, for handlers, errors and observers.
    #[track_caller]
    pub fn push<E: Event<Mode: NeverWaits>>(&mut self, event: E) {
        self.0.push(event, Location::caller());
    }

    /// Moves the events of `other` behind those of this one, whose bus they are published on.
    pub fn append(&mut self, mut other: Self) {
        self.0.events.append(&mut other.0.events);
    }

    /// How many events wait.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.events.len()
    }

    /// Whether none waits.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.events.is_empty()
    }

    /// Publishes the events, one after the other in the order in which they were added. Every one is published, whatever
    /// becomes of those before.
    ///
    /// # Errors
    ///
    /// If a publish fails or is refused, once all are published: [`PendingError::results`] has what became of each.
    pub fn publish(mut self) -> Result<Vec<Delivered>, PendingError> {
        let mut results = Vec::with_capacity(self.len());
        let bus = self.0.bus.clone();
        while let Some(next) = self.0.events.pop_front() {
            results.push(bus.publish_sync(next.event.borrow(), next.published_at));
            delivery::scope(&bus, || drop(next));
        }
        PendingError::check(results)
    }
}

/// Asynchronous and synchronous events that have happened but are not published yet. Else as [`Pending`].
///
/// # Examples
///
/// ```
/// # use eventful_core as eventful;
/// use eventful::{Bus, Event, PendingError};
///
/// async fn save<E: Event>(bus: &Bus, created: E) -> Result<(), PendingError> {
///     let mut pending = bus.pending_async();
///     pending.push(created);
///     // … commit, and return early if that fails …
///     pending.publish().await?;
///     Ok(())
/// }
/// ```
#[must_use = "pending events are discarded unless `publish` is called"]
pub struct PendingAsync(Waiting);

impl PendingAsync {
    /// Adds an event behind the others. This line is the one that published it, for handlers, errors and observers.
    #[track_caller]
    pub fn push<E: Event>(&mut self, event: E) {
        self.0.push(event, Location::caller());
    }

    /// Moves the events of `other` behind those of this one, whose bus they are published on.
    pub fn append(&mut self, mut other: Self) {
        self.0.events.append(&mut other.0.events);
    }

    /// How many events wait.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.events.len()
    }

    /// Whether none waits.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.events.is_empty()
    }

    /// Publishes the events, one after the other in the order in which they were added. Every one is published, whatever
    /// becomes of those before.
    ///
    /// The future borrows nothing. Dropping it stops at the await it is in; besides what that publish logs, the events that
    /// were still to come are logged as discarded.
    ///
    /// # Errors
    ///
    /// If a publish fails or is refused, once all are published: [`PendingError::results`] has what became of each.
    pub fn publish(
        mut self,
    ) -> impl Future<Output = Result<Vec<Delivered>, PendingError>> + Send + use<> {
        self.0.has_begun = true;
        async move {
            let mut results = Vec::with_capacity(self.len());
            while let Some(next) = self.0.events.pop_front() {
                let event = next.event.borrow();
                let bus = &self.0.bus;
                results.push(Publishing::<()>::of(Some(bus), event, next.published_at).await);
                delivery::scope(bus, || drop(next));
            }
            PendingError::check(results)
        }
    }
}

/// What waits, and where it goes.
struct Waiting {
    bus: Bus,
    events: VecDeque<PendingEvent>,
    /// Whether the publish has begun, so that what is dropped now was meant to be published.
    has_begun: bool,
}

struct PendingEvent {
    event: BoxedEvent,
    published_at: &'static Location<'static>,
}

impl Waiting {
    fn on(bus: Bus) -> Self {
        Self {
            bus,
            events: VecDeque::new(),
            has_begun: false,
        }
    }

    fn push<E: Event>(&mut self, event: E, published_at: &'static Location<'static>) {
        let event = BoxedEvent::new(event);
        self.events.push_back(PendingEvent {
            event,
            published_at,
        });
    }

    fn names(&self) -> impl Iterator<Item = &'static str> {
        self.events
            .iter()
            .map(|waiting| waiting.event.borrow().info().name())
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        if self.events.is_empty() {
            return;
        }
        let names: Vec<_> = self.names().collect();
        log::pending_discarded(&names, self.has_begun);
        // The events are the user's to drop, on the bus that they would have been published on.
        let events = mem::take(&mut self.events);
        delivery::scope(&self.bus, || drop(events));
    }
}

impl fmt::Debug for Pending {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Pending{:?}", self.0.names().collect::<Vec<_>>())
    }
}

impl fmt::Debug for PendingAsync {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.0.names().collect();
        write!(formatter, "PendingAsync{names:?}")
    }
}
