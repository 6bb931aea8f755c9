//! Events that wait until the caller publishes them, after a commit.

mod error;

use std::collections::VecDeque;
use std::fmt;
use std::marker::PhantomData;
use std::mem;
use std::panic::Location;

pub use self::error::PendingError;
use super::{Bus, Publishing};
use crate::delivery;
use crate::event::mode::{Async, InProcess, PendingIn, Sync};
use crate::event::{BoxedEvent, Event};
use crate::log;
use crate::report::{Delivered, PublishError};

impl Bus {
    /// Collects synchronous events, which [`Pending::publish`] publishes on this bus.
    ///
    /// # Examples
    ///
    /// ```
    /// use eventful::{Bus, event};
    ///
    /// #[event]
    /// struct OrderCreated {
    ///     order_id: u64,
    /// }
    ///
    /// let bus = Bus::isolated().build()?;
    /// let mut pending = bus.pending();
    /// pending.push(OrderCreated { order_id: 1 });
    /// // … commit, and return early if that fails …
    /// let delivered = pending.publish()?;
    /// assert_eq!(delivered.len(), 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn pending(&self) -> Pending {
        Pending::new(self.clone())
    }

    /// Collects asynchronous and synchronous events, which [`Pending::publish`] publishes on this bus.
    ///
    /// # Examples
    ///
    /// ```
    /// use eventful::{Bus, event};
    ///
    /// #[event]
    /// struct OrderCreated;
    ///
    /// #[event(async)]
    /// struct MailWanted;
    ///
    /// # futures_lite::future::block_on(async {
    /// let bus = Bus::isolated().build()?;
    /// let mut pending = bus.pending_async();
    /// pending.push(OrderCreated);
    /// pending.push(MailWanted);
    /// // … commit, and return early if that fails …
    /// let delivered = pending.publish().await?;
    /// assert_eq!(delivered.len(), 2);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # })?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn pending_async(&self) -> Pending<Async> {
        Pending::new(self.clone())
    }
}

/// Events that have happened but are not published yet. [`Bus::pending`] takes synchronous events, and
/// [`Bus::pending_async`] both kinds.
///
/// It owns the events and its bus, borrows nothing, and is `Send` and `Sync`: it can be a field of an aggregate, or go
/// into a task. Dropping it discards the events, as a rollback does, which is logged at debug level.
///
/// It knows no transaction. If the process dies between the commit and `publish`, the events are lost.
///
/// # Examples
///
/// ```
/// use eventful::{Bus, Pending, event};
///
/// #[event]
/// struct OrderPaid;
///
/// /// An aggregate with the events that wait for its commit.
/// struct Order {
///     is_paid: bool,
///     pending: Pending,
/// }
///
/// impl Order {
///     fn pay(&mut self) {
///         self.is_paid = true;
///         self.pending.push(OrderPaid);
///     }
/// }
///
/// let bus = Bus::isolated().build()?;
/// let mut order = Order { is_paid: false, pending: bus.pending() };
/// order.pay();
/// // … commit `order` …
/// order.pending.publish()?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use = "pending events are discarded unless `publish` is called"]
pub struct Pending<M = Sync> {
    bus: Bus,
    events: VecDeque<PendingEvent>,
    /// `true` once the publish has begun. An event that is dropped then was meant to be published.
    has_begun: bool,
    mode: PhantomData<fn() -> M>,
}

struct PendingEvent {
    event: BoxedEvent,
    published_at: &'static Location<'static>,
}

impl<M> Pending<M> {
    fn new(bus: Bus) -> Self {
        Self {
            bus,
            events: VecDeque::new(),
            has_begun: false,
            mode: PhantomData,
        }
    }

    /// Adds an event behind the others. This line is the one that published it, for handlers, errors and observers.
    #[track_caller]
    pub fn push<E: Event<Mode: InProcess + PendingIn<M>>>(&mut self, event: E) {
        self.push_from(event, Location::caller());
    }

    pub(super) fn push_from<E: Event>(
        &mut self,
        event: E,
        published_at: &'static Location<'static>,
    ) {
        self.events.push_back(PendingEvent {
            event: BoxedEvent::new(event),
            published_at,
        });
    }

    /// Moves the events of `other` behind those of this one, whose bus they are published on.
    pub fn append(&mut self, mut other: Self) {
        self.events.append(&mut other.events);
    }

    /// Returns the number of events that wait.
    #[must_use]
    pub fn len(&self) -> usize {
        self.events.len()
    }

    /// Returns `true` if no event waits.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.events.is_empty()
    }

    /// The name of each event, and the line that published it.
    pub(super) fn origins(
        &self,
    ) -> impl Iterator<Item = (&'static str, &'static Location<'static>)> {
        let events = self.events.iter();
        events.map(|pending| (pending.event.borrow().info().name(), pending.published_at))
    }

    pub(super) fn names(&self) -> Vec<&'static str> {
        self.origins().map(|(name, _)| name).collect()
    }

    pub(super) const fn has_begun(&self) -> bool {
        self.has_begun
    }

    pub(super) fn into_async(mut self) -> Pending<Async> {
        let mut pending = Pending::new(self.bus.clone());
        pending.events = mem::take(&mut self.events);
        pending
    }

    /// Drops the events without a line in the log. They are the user's to drop, on the bus that they would have been
    /// published on.
    pub(super) fn discard(&mut self) {
        let events = mem::take(&mut self.events);
        delivery::scope(&self.bus, || drop(events));
    }
}

impl Pending {
    /// Publishes the events, one after the other in the order in which they were added. Every one is published,
    /// whatever becomes of those before.
    ///
    /// # Errors
    ///
    /// If a publish fails or is refused, once all are published: [`PendingError::results`] has the result of each.
    pub fn publish(mut self) -> Result<Vec<Delivered>, PendingError> {
        let mut results = Vec::with_capacity(self.len());
        let bus = self.bus.clone();
        while let Some(next) = self.events.pop_front() {
            results.push(bus.publish_sync(next.event.borrow(), next.published_at));
            delivery::scope(&bus, || drop(next));
        }
        PendingError::check(results)
    }
}

impl Pending<Async> {
    /// Publishes the events, one after the other in the order in which they were added. Every one is published,
    /// whatever becomes of those before.
    ///
    /// The future borrows nothing. Dropping it stops at the await it is in. That publish logs that it was dropped, and
    /// the events that were still to come are logged as discarded.
    ///
    /// # Errors
    ///
    /// If a publish fails or is refused, once all are published: [`PendingError::results`] has the result of each.
    pub fn publish(
        mut self,
    ) -> impl Future<Output = Result<Vec<Delivered>, PendingError>> + Send + use<> {
        self.has_begun = true;
        async move {
            let mut results = Vec::with_capacity(self.len());
            self.publish_all(&mut results).await;
            PendingError::check(results)
        }
    }

    /// Publishes the events, and adds the result of each.
    pub(super) async fn publish_all(&mut self, results: &mut Vec<Result<Delivered, PublishError>>) {
        self.has_begun = true;
        while let Some(next) = self.events.pop_front() {
            let event = next.event.borrow();
            let bus = &self.bus;
            results.push(Publishing::<()>::of(Some(bus), event, next.published_at).await);
            delivery::scope(bus, || drop(next));
        }
    }
}

impl<M> Drop for Pending<M> {
    fn drop(&mut self) {
        if !self.events.is_empty() {
            log::pending_discarded(&self.names(), self.has_begun);
            self.discard();
        }
    }
}

impl<M> fmt::Debug for Pending<M> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Pending{:?}", self.names())
    }
}
