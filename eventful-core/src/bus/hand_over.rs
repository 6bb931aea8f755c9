//! Events that are handed over: their publishes outlive the code that asks for them.

mod error;
mod handle;
mod span;
mod task;

use std::panic::{AssertUnwindSafe, Location, catch_unwind};
use std::task::{Context, Wake, Waker};
use std::thread::{self, Thread};
use std::time::{Duration, Instant};

use self::error::Reason;
pub use self::error::{DrainTimeoutError, HandOverError};
pub use self::handle::HandedOver;
use self::handle::Slot;
pub use self::task::HandOverTask;
use super::semaphore::Semaphore;
use super::{Bus, Pending, PendingError};
use crate::event::Event;
use crate::event::mode::{Async, InProcess, PendingIn};
use crate::report::{Delivered, PublishError};
use crate::sync::Arc;

/// The spawner for what is handed over, and how much that may be. A derived bus shares it.
#[derive(Clone)]
pub(super) struct HandOvers {
    pub(super) spawner: Option<Spawner>,
    pub(super) semaphore: Semaphore,
    pub(super) when_full: WhenFull,
}

pub(super) type Spawner = Arc<dyn Fn(HandOverTask) + Send + Sync>;

/// The limit unless the builder sets another.
const DEFAULT_LIMIT: usize = 1024;

impl Default for HandOvers {
    fn default() -> Self {
        Self {
            spawner: None,
            semaphore: Semaphore::new(DEFAULT_LIMIT),
            when_full: WhenFull::Reject,
        }
    }
}

/// The reaction of [`Bus::hand_over`] when as much is under way as the bus allows.
///
/// # Examples
///
/// ```
/// use eventful::{Bus, WhenFull};
///
/// let bus = Bus::isolated().hand_over_limit(100, WhenFull::Queue).build()?;
/// # drop(bus);
/// # Ok::<(), eventful::WiringError>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum WhenFull {
    /// It returns an error, and the events are not published.
    #[default]
    Reject,
    /// The task is spawned, and waits for a place before it publishes. Places are given in the order of the calls. What
    /// waits is in memory, and nothing bounds its number.
    Queue,
}

/// The types of what can be [handed over](Bus::hand_over): events, by value, and [`Pending`].
///
/// The trait is sealed.
///
/// # Examples
///
/// ```
/// use eventful::bounds::HandOver;
/// use eventful::{Bus, HandOverError};
///
/// /// Hands over, and leaves it to the log to tell the outcome.
/// fn forget(bus: &Bus, work: impl HandOver) -> Result<(), HandOverError> {
///     bus.hand_over(work).map(drop)
/// }
/// # let bus = Bus::isolated().build().unwrap();
/// # assert!(forget(&bus, bus.pending()).unwrap_err().is_without_spawner());
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be handed over",
    label = "neither an event that is published alone nor a `Pending`",
    note = "hand over an event by value, and several events as one `Pending`; other work is a task of the runtime",
    note = "an event with `with = …` is published with what it lends; hand over another event after that",
    note = "a durable event needs none of it: write `event.publish(&mut transaction).await?`, and its handlers run after the commit",
    note = "code that hands over any event asks for `E: HandOver`"
)]
pub trait HandOver: sealed::Sealed + Sized + 'static {
    /// The output of [`HandedOver`].
    type Outcome: Send + 'static;

    #[doc(hidden)]
    fn __pending(self, bus: &Bus, published_at: &'static Location<'static>) -> Pending<Async>;

    /// The outcome of the publishes of all events.
    #[doc(hidden)]
    fn __outcome(results: Vec<Result<Delivered, PublishError>>) -> Self::Outcome;
}

#[diagnostic::do_not_recommend]
impl<E: Event<Mode: InProcess + PendingIn<Async>>> HandOver for E {
    type Outcome = Result<Delivered, PublishError>;

    fn __pending(self, bus: &Bus, published_at: &'static Location<'static>) -> Pending<Async> {
        let mut pending = bus.pending_async();
        pending.push_from(self, published_at);
        pending
    }

    fn __outcome(mut results: Vec<Result<Delivered, PublishError>>) -> Self::Outcome {
        results.pop().expect("each event has a result")
    }
}

impl<M: 'static> HandOver for Pending<M> {
    type Outcome = Result<Vec<Delivered>, PendingError>;

    fn __pending(self, _: &Bus, _: &'static Location<'static>) -> Pending<Async> {
        self.into_async()
    }

    fn __outcome(results: Vec<Result<Delivered, PublishError>>) -> Self::Outcome {
        PendingError::check(results)
    }
}

mod sealed {
    pub trait Sealed {}

    impl<E: super::Event> Sealed for E {}
    impl<M> Sealed for super::Pending<M> {}
}

impl Bus {
    /// Hands over an event, or the events of a [`Pending`], to the bus's [spawner](super::BusBuilder::spawner), for
    /// handlers that must not end with the request that causes them.
    ///
    /// It returns at once. The events are published in one task, one after the other: an event on this bus, and those
    /// of a `Pending` on the bus that made it. The task keeps the span of `tracing` that is current here; and if a
    /// handler hands over, that handler is the [cause](crate::Delivery::cause). [`HandedOver`] is a future of the
    /// outcome. Failures are logged, so that it may be dropped. Tasks have no order among each other: what must stay in
    /// order goes into one `Pending`.
    ///
    /// The events are lost if the process ends. [`drained`](Bus::drained) waits for their publishes at shutdown.
    ///
    /// # Errors
    ///
    /// If the bus has no spawner, if it [is full](super::BusBuilder::hand_over_limit), or if the spawner drops the
    /// task, as tokio does when the runtime has ended: nothing is published then. And if the spawner panics, which may
    /// have kept the task all the same. Each is also logged.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::thread;
    ///
    /// use eventful::{Bus, event, handler};
    ///
    /// #[event(async)]
    /// struct OrderShipped;
    ///
    /// #[handler(OrderShipped)]
    /// async fn send_mail(_: &OrderShipped) {}
    ///
    /// # use futures_lite::future::block_on;
    /// # block_on(async {
    /// let bus = Bus::isolated()
    ///     .with(send_mail)
    ///     .spawner(|task| drop(thread::spawn(|| block_on(task)))) // with tokio: `drop(tokio::spawn(task))`
    ///     .build()?;
    /// bus.hand_over(OrderShipped)?;
    ///
    /// let mut pending = bus.pending_async();
    /// pending.push(OrderShipped);
    /// pending.push(OrderShipped);
    /// let delivered = bus.hand_over(pending)?.await?; // one after the other
    /// assert_eq!(delivered.len(), 2);
    ///
    /// bus.drained().await; // at shutdown
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # })?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[track_caller]
    pub fn hand_over<W: HandOver>(&self, work: W) -> Result<HandedOver<W::Outcome>, HandOverError> {
        let handed_over_at = Location::caller();
        let mut pending = work.__pending(self, handed_over_at);
        let events = pending.names();
        let refuse = |reason| HandOverError::refuse(events, handed_over_at, reason);
        let HandOvers {
            spawner,
            semaphore,
            when_full,
        } = &self.0.hand_overs;
        let Some(spawner) = spawner else {
            pending.discard();
            return Err(refuse(Reason::NoSpawner));
        };
        let permit = if task::is_in_task() {
            // Its place would be one that a task has which may wait for this one.
            Some(semaphore.enter_beside())
        } else {
            match when_full {
                WhenFull::Reject => semaphore.try_enter(),
                WhenFull::Queue => Some(semaphore.queue()),
            }
        };
        let Some(permit) = permit else {
            pending.discard();
            let limit = semaphore.limit();
            return Err(refuse(Reason::Full { limit }));
        };
        let slot = Arc::new(Slot::new());
        let task = HandOverTask::new::<W>(self.clone(), pending, permit, Arc::clone(&slot));
        let result = catch_unwind(AssertUnwindSafe(|| spawner(task)));
        let is_kept = slot.open();
        match result {
            Err(payload) => Err(refuse(Reason::panicked(payload))),
            Ok(()) if is_kept => Ok(HandedOver::new(slot)),
            Ok(()) => Err(refuse(Reason::Dropped)),
        }
    }

    /// Returns how often something was [handed over](Bus::hand_over) that has not ended, to the buses that
    /// [`drained`](Bus::drained) waits for.
    ///
    /// # Examples
    ///
    /// ```
    /// use eventful::Bus;
    ///
    /// let bus = Bus::isolated().build()?;
    /// assert_eq!(bus.handed_over_count(), 0);
    /// # Ok::<(), eventful::WiringError>(())
    /// ```
    #[must_use]
    pub fn handed_over_count(&self) -> usize {
        self.0.hand_overs.semaphore.count()
    }

    /// Waits until nothing is left of what was [handed over](Bus::hand_over) to this bus, to those
    /// [derived](Bus::derive) from it and to the one that it is derived from, what handlers add meanwhile included.
    ///
    /// A bus whose builder called [`hand_over_limit`](super::BusBuilder::hand_over_limit) has a count of its own. In a
    /// handler that was handed over to this bus it is never ready: it waits for that handler, too.
    ///
    /// # Examples
    ///
    /// ```
    /// use eventful::Bus;
    ///
    /// async fn shut_down(bus: &Bus) {
    ///     bus.drained().await;
    ///     println!("all is delivered");
    /// }
    /// # let bus = Bus::isolated().build()?;
    /// # futures_lite::future::block_on(shut_down(&bus));
    /// # Ok::<(), eventful::WiringError>(())
    /// ```
    pub fn drained(&self) -> impl Future<Output = ()> + Send + use<> {
        self.0.hand_overs.semaphore.drained()
    }

    /// Blocks this thread until [`drained`](Bus::drained) is ready, at most for `limit`.
    ///
    /// Something else must drive the spawner meanwhile: on the only thread of a runtime, await `drained` instead.
    ///
    /// # Errors
    ///
    /// If something is left when the time is over, with the number of hand-overs.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// use eventful::Bus;
    ///
    /// let bus = Bus::isolated().build()?;
    /// bus.drained_within(Duration::from_secs(5))?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn drained_within(&self, limit: Duration) -> Result<(), DrainTimeoutError> {
        // `None` if the deadline is beyond the end of the clock: there is no limit then.
        let deadline = Instant::now().checked_add(limit);
        let waker = Waker::from(Arc::new(Unpark(thread::current())));
        let mut context = Context::from_waker(&waker);
        let mut drained = std::pin::pin!(self.drained());
        while drained.as_mut().poll(&mut context).is_pending() {
            let Some(deadline) = deadline else {
                thread::park();
                continue;
            };
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return match self.handed_over_count() {
                    0 => Ok(()),
                    count => Err(DrainTimeoutError(count)),
                };
            }
            thread::park_timeout(left);
        }
        Ok(())
    }
}

struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}
