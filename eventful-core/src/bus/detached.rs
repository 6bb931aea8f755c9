//! Publishes and other work that outlive whoever asks for them.

mod work;

use std::error::Error;
use std::fmt;
use std::mem;
use std::panic::{AssertUnwindSafe, Location, catch_unwind};
use std::pin::Pin;
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};
use std::time::{Duration, Instant};

pub use self::work::{DetachedWork, UnfinishedWork};
use super::gate::{Gate, Permit};
use super::{Bus, Publishing};
use crate::event::mode::Async;
use crate::event::{Event, EventInfo};
use crate::log;
use crate::report::RawFailure;
use crate::sync::Arc;

/// What runs detached tasks, and how many at a time.
#[derive(Clone)]
pub(super) struct Settings {
    pub(super) spawner: Option<Spawner>,
    pub(super) limit: usize,
    pub(super) when_full: WhenFull,
}

pub(super) type Spawner = Arc<dyn Fn(DetachedTask) + Send + Sync>;

/// How many detached tasks there may be at a time, if the builder says nothing.
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

/// What [`Bus::publish_detached`] and [`Bus::detach`] do when as many tasks are outstanding as the bus allows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum WhenFull {
    /// It waits until one is finished; who waits is let through in turn.
    ///
    /// A handler that waits like this while it is itself delivered detached, or within detached work, keeps its place meanwhile: if all that are
    /// outstanding wait, none ever ends.
    #[default]
    Wait,
    /// It returns an error, and the event is not delivered, or the work not begun.
    Reject,
    /// It delivers the event or does the work itself, inside of the caller's future.
    RunInline,
}

/// Of one bus: its settings, and what is outstanding.
pub(super) struct Detached {
    settings: Settings,
    gate: Gate,
}

impl Detached {
    pub(super) fn new(settings: Settings) -> Self {
        let gate = Gate::new(settings.limit);
        Self { settings, gate }
    }

    pub(super) fn settings(&self) -> &Settings {
        &self.settings
    }
}

impl Bus {
    /// Publishes `event` on the bus's [spawner](super::BusBuilder::spawner), for work that must not end with the request
    /// that causes it.
    ///
    /// The future is ready as soon as the publish has been handed over, which is at once unless as many are outstanding
    /// as the bus [allows](super::BusBuilder::detached_limit). What the handlers do is only logged. Dropping the future
    /// before it is ready gives the event up, which is logged.
    ///
    /// # Errors
    ///
    /// If the bus has no spawner, if it is full and rejects, or if the spawner panics (which may have kept the task all
    /// the same). Each is also logged.
    #[track_caller]
    pub fn publish_detached<E: Event<Mode = Async>>(
        &self,
        event: E,
    ) -> impl Future<Output = Result<(), DetachError>> + Send + use<E> {
        let origin = Origin {
            event: Some(EventInfo::of::<E>().name()),
            detached_at: Location::caller(),
        };
        let bus = self.clone();
        let publish = async move {
            let publishing = Publishing::new(Some(&bus), &event, origin.detached_at);
            // Failures have been logged.
            publishing.await.ok();
        };
        hand_over(self.clone(), NotBegun(origin), publish)
    }

    /// Runs `work` on the bus's [spawner](super::BusBuilder::spawner), to its end, whatever becomes of whoever asked for it: a
    /// client that hangs up does not stop an order between its commit and the publish of what has happened.
    ///
    /// The bus is the current one in it, it counts as a detached publish does, and [`drained`](Bus::drained) waits for it.
    /// The future is ready as soon as the work has been handed over, which is at once unless as many are outstanding as the
    /// bus [allows](super::BusBuilder::detached_limit). What it is ready with is a future of the work's output. Dropping that
    /// one stops nothing; dropping the first before it is ready gives the work up, which is logged.
    ///
    /// With [`WhenFull::RunInline`], work that finds no room runs inside of this future, and ends with it.
    ///
    /// # Errors
    ///
    /// If the bus has no spawner, if it is full and rejects, or if the spawner panics (which may have kept the task all
    /// the same). Each is also logged.
    ///
    /// # Examples
    ///
    /// ```
    /// # use eventful_core as eventful;
    /// use eventful::{Bus, Event};
    ///
    /// async fn place<E: Event>(bus: &Bus, created: E) -> Result<u64, Box<dyn std::error::Error>> {
    ///     let mut pending = bus.pending_async();
    ///     let work = async move {
    ///         pending.push(created);
    ///         let order_id = 7; // saved, and committed
    ///         pending.publish().await.ok(); // each failure is already logged
    ///         order_id
    ///     };
    ///     Ok(bus.detach(work).await?.await?)
    /// }
    /// ```
    #[track_caller]
    pub fn detach<F>(
        &self,
        work: F,
    ) -> impl Future<Output = Result<DetachedWork<F::Output>, DetachError>> + Send + use<F>
    where
        F: Future<Output: Send + 'static> + Send + 'static,
    {
        let origin = Origin {
            event: None,
            detached_at: Location::caller(),
        };
        let (running, work) = work::run(self.scope_async(work), origin.detached_at);
        let handing_over = hand_over(self.clone(), NotBegun(origin), running);
        async move {
            handing_over.await?;
            Ok(work)
        }
    }

    /// How many detached publishes and other detached tasks of this bus are outstanding.
    #[must_use]
    pub fn detached(&self) -> usize {
        self.0.detached.gate.through()
    }

    /// Is ready when no detached publish and no other detached task of this bus is outstanding or waiting to be, those included
    /// that handlers add meanwhile.
    pub fn drained(&self) -> impl Future<Output = ()> + Send + use<> {
        self.0.detached.gate.drained()
    }

    /// Blocks this thread until [`drained`](Bus::drained) is ready, at most for `limit`.
    ///
    /// Something else must drive the spawner meanwhile: on the only thread of a runtime, await `drained` instead.
    ///
    /// # Errors
    ///
    /// With the number of tasks that are outstanding when the time is over.
    pub fn drained_within(&self, limit: Duration) -> Result<(), StillOutstanding> {
        // A limit beyond what the clock can tell is none.
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
                return match self.0.detached.gate.outstanding() {
                    0 => Ok(()),
                    outstanding => Err(StillOutstanding(outstanding)),
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
        not_begun.told();
        return Err(origin.refuse(Reason::NoSpawner));
    };
    let permit = match (detached.gate.try_enter(), detached.settings.when_full) {
        (Some(permit), _) => permit,
        (None, WhenFull::Wait) => detached.gate.enter().await,
        (None, WhenFull::Reject) => {
            not_begun.told();
            let limit = detached.settings.limit;
            return Err(origin.refuse(Reason::Full { limit }));
        }
        (None, WhenFull::RunInline) => {
            not_begun.told();
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

/// Which event, if it is a publish, and where it was detached.
#[derive(Clone, Copy, Debug)]
struct Origin {
    event: Option<&'static str>,
    detached_at: &'static Location<'static>,
}

impl Origin {
    fn refuse(self, reason: Reason) -> DetachError {
        let error = DetachError {
            origin: self,
            reason,
        };
        log::not_detached(self.event, self.detached_at, &error);
        error
    }
}

/// A detached task of which nobody knows yet: its end is logged.
struct NotBegun(Origin);

impl NotBegun {
    /// Somebody knows: there is nothing to log any more.
    fn told(self) {
        mem::forget(self);
    }
}

impl Drop for NotBegun {
    fn drop(&mut self) {
        match self.0.event {
            Some(event) => log::never_polled(event, self.0.detached_at),
            None => log::work_never_begun(self.0.detached_at),
        }
    }
}

struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

/// A detached publish or other detached work, for a spawner to run: a future without a result.
///
/// Polling it after it is ready does nothing. Dropping it before ends it where it is, which is logged.
#[must_use = "a detached task does nothing until it is spawned"]
pub struct DetachedTask {
    // In the order in which they are dropped: who is let through finds the task over.
    task: Option<Pin<Box<dyn Future<Output = ()> + Send>>>,
    permit: Option<Permit>,
    /// One that has begun says itself how far it has come.
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
            not_begun.told();
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
        let Origin { event, detached_at } = self.origin;
        match event {
            Some(event) => write!(
                formatter,
                "DetachedTask(`{event}`, published at {detached_at})"
            ),
            None => write!(formatter, "DetachedTask(detached at {detached_at})"),
        }
    }
}

/// An event that was not published detached, or work that was not begun.
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
    /// The name of the event; none if it was other work.
    #[must_use]
    pub const fn event_name(&self) -> Option<&'static str> {
        self.origin.event
    }

    /// The line that published or detached it.
    #[must_use]
    pub const fn detached_at(&self) -> &'static Location<'static> {
        self.origin.detached_at
    }

    /// Whether as many tasks were outstanding as the bus allows: later there may be room.
    #[must_use]
    pub const fn is_full(&self) -> bool {
        matches!(self.reason, Reason::Full { .. })
    }
}

impl fmt::Display for DetachError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { origin, reason } = self;
        let Origin { event, detached_at } = origin;
        let instead = if let Some(event) = event {
            write!(
                formatter,
                "`{event}`, published detached at {detached_at}, was not delivered: "
            )?;
            "`publish`"
        } else {
            write!(
                formatter,
                "what was detached at {detached_at} was not begun: "
            )?;
            "it"
        };
        match reason {
            Reason::NoSpawner => write!(
                formatter,
                "the bus has nothing to run it on; write `.spawner(|task| …)` on the builder, or await {instead}",
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

/// How many detached publishes and other tasks were outstanding when the time was over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StillOutstanding(usize);

impl StillOutstanding {
    /// Their number.
    #[must_use]
    pub const fn count(self) -> usize {
        self.0
    }
}

impl fmt::Display for StillOutstanding {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} detached tasks are still outstanding", self.0)
    }
}

impl Error for StillOutstanding {}
