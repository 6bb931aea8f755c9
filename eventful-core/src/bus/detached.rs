//! Detached publishes: they outlive the code that asks for them.

use std::error::Error;
use std::fmt;
use std::mem;
use std::panic::{AssertUnwindSafe, Location, catch_unwind};
use std::pin::Pin;
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};
use std::time::{Duration, Instant};

use super::semaphore::{Permit, Semaphore};
use super::{Bus, Publishing};
use crate::event::mode::Async;
use crate::event::{Event, EventInfo};
use crate::log;
use crate::report::RawFailure;
use crate::sync::Arc;

/// The spawner of detached publishes, and the limit of their number.
#[derive(Clone)]
pub(super) struct Settings {
    pub(super) spawner: Option<Spawner>,
    pub(super) limit: usize,
    pub(super) when_full: WhenFull,
}

pub(super) type Spawner = Arc<dyn Fn(DetachedTask) + Send + Sync>;

/// The limit of detached publishes that are outstanding at a time, unless the builder sets another.
const DEFAULT_LIMIT: usize = 1024;

impl Default for Settings {
    fn default() -> Self {
        Self {
            spawner: None,
            limit: DEFAULT_LIMIT,
            when_full: WhenFull::Wait,
        }
    }
}

/// The reaction of [`Bus::publish_detached`] when as many publishes are outstanding as the bus allows.
///
/// # Examples
///
/// ```
/// use eventful::{Bus, WhenFull};
///
/// let bus = Bus::isolated().detached_limit(100, WhenFull::Reject).build()?;
/// # drop(bus);
/// # Ok::<(), eventful::WiringError>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum WhenFull {
    /// It waits until one is finished. Publishes that wait go on in the order in which they came.
    ///
    /// A handler that waits like this, and that runs in a detached publish itself, keeps its permit meanwhile: if all
    /// outstanding publishes wait, none ever ends.
    #[default]
    Wait,
    /// It returns an error, and the event is not delivered.
    Reject,
    /// It delivers the event itself, inside of the caller's future.
    RunInline,
}

/// The settings of one bus, and its outstanding publishes.
pub(super) struct Detached {
    settings: Settings,
    permits: Semaphore,
}

impl Detached {
    pub(super) fn new(settings: Settings) -> Self {
        let permits = Semaphore::new(settings.limit);
        Self { settings, permits }
    }

    pub(super) fn settings(&self) -> &Settings {
        &self.settings
    }
}

impl Bus {
    /// Publishes `event` on the bus's [spawner](super::BusBuilder::spawner), for handlers that must not end with the
    /// request that causes them.
    ///
    /// The future is ready as soon as the publish has been handed over, which is at once unless as many are
    /// outstanding as the bus [allows](super::BusBuilder::detached_limit). Failures of the handlers are only logged.
    /// If the future is dropped before it is ready, the event is not published, which is logged.
    ///
    /// # Errors
    ///
    /// If the bus has no spawner, if it is full and rejects, or if the spawner panics (which may have kept the task all
    /// the same). Each is also logged.
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
    /// bus.publish_detached(OrderShipped).await?; // ready once it is handed over
    /// bus.drained().await; // at shutdown
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # })?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[track_caller]
    pub fn publish_detached<E: Event<Mode = Async>>(
        &self,
        event: E,
    ) -> impl Future<Output = Result<(), DetachError>> + Send + use<E> {
        let origin = Origin {
            event_name: EventInfo::of::<E>().name(),
            published_at: Location::caller(),
        };
        let bus = self.clone();
        let publish = async move {
            let publishing = Publishing::new(Some(&bus), &event, origin.published_at);
            // Failures have been logged.
            publishing.await.ok();
        };
        hand_over(self.clone(), NotBegun(origin), publish)
    }

    /// Returns the number of detached publishes of this bus that are outstanding.
    ///
    /// # Examples
    ///
    /// ```
    /// use eventful::Bus;
    ///
    /// let bus = Bus::isolated().build()?;
    /// assert_eq!(bus.detached_count(), 0);
    /// # Ok::<(), eventful::WiringError>(())
    /// ```
    #[must_use]
    pub fn detached_count(&self) -> usize {
        self.0.detached.permits.in_flight()
    }

    /// Waits until no detached publish of this bus is outstanding or waits for room, those included that handlers add
    /// meanwhile.
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
        self.0.detached.permits.drained()
    }

    /// Blocks this thread until [`drained`](Bus::drained) is ready, at most for `limit`.
    ///
    /// Something else must drive the spawner meanwhile: on the only thread of a runtime, await `drained` instead.
    ///
    /// # Errors
    ///
    /// If publishes are still outstanding when the time is over, with their number.
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
        // None if the deadline is beyond the end of the clock: there is no limit then.
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
                return match self.0.detached.permits.outstanding() {
                    0 => Ok(()),
                    outstanding => Err(DrainTimeoutError(outstanding)),
                };
            }
            thread::park_timeout(left);
        }
        Ok(())
    }
}

/// Gives `task` to the bus's spawner, as soon as there is room for it.
async fn hand_over(
    bus: Bus,
    not_begun: NotBegun,
    task: impl Future<Output = ()> + Send + 'static,
) -> Result<(), DetachError> {
    let NotBegun(origin) = not_begun;
    let detached = &bus.0.detached;
    let Some(spawner) = detached.settings.spawner.clone() else {
        not_begun.disarm();
        return Err(origin.refuse(Reason::NoSpawner));
    };
    let permit = match (detached.permits.try_acquire(), detached.settings.when_full) {
        (Some(permit), _) => permit,
        (None, WhenFull::Wait) => detached.permits.acquire().await,
        (None, WhenFull::Reject) => {
            not_begun.disarm();
            let limit = detached.settings.limit;
            return Err(origin.refuse(Reason::Full { limit }));
        }
        (None, WhenFull::RunInline) => {
            not_begun.disarm();
            task.await;
            return Ok(());
        }
    };
    let task = DetachedTask {
        task: Some(Box::pin(task)),
        permit: Some(permit),
        not_begun: Some(not_begun),
        origin,
    };
    let result = catch_unwind(AssertUnwindSafe(|| spawner(task)));
    result.map_err(|payload| {
        drop(RawFailure::panic(payload));
        origin.refuse(Reason::SpawnerPanicked)
    })
}

/// The event of a detached publish, and the line that published it.
#[derive(Clone, Copy, Debug)]
struct Origin {
    event_name: &'static str,
    published_at: &'static Location<'static>,
}

impl Origin {
    fn refuse(self, reason: Reason) -> DetachError {
        let error = DetachError {
            origin: self,
            reason,
        };
        log::not_detached(self.event_name, self.published_at, &error);
        error
    }
}

/// A detached publish that has not begun. If it is dropped, that is logged.
struct NotBegun(Origin);

impl NotBegun {
    /// From now on something else reports the end of the publish.
    fn disarm(self) {
        mem::forget(self);
    }
}

impl Drop for NotBegun {
    fn drop(&mut self) {
        log::never_polled(self.0.event_name, self.0.published_at);
    }
}

struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

/// A detached publish, for a spawner to run: a future without a result.
///
/// Polling it after it is ready does nothing. Dropping it before cancels the publish, which is logged.
///
/// # Examples
///
/// ```
/// use eventful::{Bus, DetachedTask};
///
/// # fn run_in_the_background(task: impl Future<Output = ()> + Send + 'static) { drop(task) }
/// let bus = Bus::isolated().spawner(|task: DetachedTask| run_in_the_background(task)).build()?;
/// # drop(bus);
/// # Ok::<(), eventful::WiringError>(())
/// ```
#[must_use = "a detached task does nothing until it is spawned"]
pub struct DetachedTask {
    // In the order in which they are dropped: the task is over before the permit is free.
    task: Option<Pin<Box<dyn Future<Output = ()> + Send>>>,
    permit: Option<Permit>,
    /// None once it has begun: then the publish itself logs how far it has come.
    not_begun: Option<NotBegun>,
    origin: Origin,
}

impl Future for DetachedTask {
    type Output = ();

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let this = self.get_mut();
        let Some(task) = &mut this.task else {
            return Poll::Ready(());
        };
        if let Some(not_begun) = this.not_begun.take() {
            not_begun.disarm();
        }
        let polled = task.as_mut().poll(context);
        if polled.is_ready() {
            // A spawner may keep the task for longer, which is then no longer outstanding.
            this.task = None;
            this.permit = None;
        }
        polled
    }
}

impl fmt::Debug for DetachedTask {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Origin {
            event_name,
            published_at,
        } = self.origin;
        write!(
            formatter,
            "DetachedTask(`{event_name}`, published at {published_at})"
        )
    }
}

/// An event that [`Bus::publish_detached`] did not hand over, and the reason.
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
enum Reason {
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

/// The error of [`Bus::drained_within`]: detached publishes were still outstanding when the time was over.
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
pub struct DrainTimeoutError(usize);

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
