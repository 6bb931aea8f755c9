//! Detached publishes: they outlive the code that asks for them.

mod error;
mod task;

use std::panic::{AssertUnwindSafe, Location, catch_unwind};
use std::task::{Context, Wake, Waker};
use std::thread::{self, Thread};
use std::time::{Duration, Instant};

pub use self::error::{DetachError, DrainTimeoutError};
use self::error::{Origin, Reason};
pub use self::task::DetachedTask;
use self::task::NotBegun;
use super::semaphore::Semaphore;
use super::{Bus, Publishing};
use crate::event::mode::Async;
use crate::event::{Event, EventInfo};
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

/// Gives `publish` to the bus's spawner, as soon as there is a permit for it.
async fn hand_over(
    bus: Bus,
    not_begun: NotBegun,
    publish: impl Future<Output = ()> + Send + 'static,
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
            publish.await;
            return Ok(());
        }
    };
    let task = DetachedTask::new(publish, permit, not_begun);
    let result = catch_unwind(AssertUnwindSafe(|| spawner(task)));
    result.map_err(|payload| {
        drop(RawFailure::panic(payload));
        origin.refuse(Reason::SpawnerPanicked)
    })
}

struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}
