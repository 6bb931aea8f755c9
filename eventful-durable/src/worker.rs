//! The worker: it delivers the events of a store to the handlers of a program.

mod attempt;
mod build_error;
mod builder;
pub(crate) mod check;
mod crew;
mod duties;
mod health;
mod lanes;
mod local;
mod options;
mod outstanding;
mod pattern;
mod policy;
mod process;
mod program;
mod runner;
#[cfg(any(test, feature = "crash"))]
mod sabotage;
mod share;
mod shared;
mod still_running;
mod term;
mod text;

use std::collections::BTreeMap;
use std::fmt;
use std::future::Future;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::Instant;

use self::crew::{Crew, Refrain};
use self::duties::Duties;
use self::runner::Wish;
use self::shared::Shared;
use crate::store::{Partition, Store, StoreError};

pub use self::build_error::WorkerBuildError;
pub use self::builder::WorkerBuilder;
pub use self::health::{Health, WorkerHandle};
pub use self::process::Process;
pub use self::program::Program;
#[cfg(any(test, feature = "crash"))]
pub(crate) use self::sabotage::Sabotage;
pub use self::still_running::StillRunning;

/// Delivers the events of a store to the handlers of a program: each event to each subscription by itself, at least
/// once, and in order by key.
///
/// Several workers share the work, also in several processes. What a worker holds, it holds under a lease that it
/// renews; a worker that dies is replaced when its leases have run out.
///
/// # Examples
///
/// ```standalone_crate
/// use eventful::durable::{Memory, Worker, state};
/// use eventful::{event, handler};
/// # use serde::{Deserialize, Serialize};
///
/// #[event(durable, name = "order.placed")]
/// #[derive(Serialize, Deserialize)]
/// struct OrderPlaced;
///
/// #[handler(OrderPlaced, id = "mail.confirm")]
/// async fn confirm(_: &OrderPlaced) { /* … */ }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let store = Memory::new();
/// let bus = eventful::bus!().build()?;
/// let worker = Worker::builder(&bus, store.clone()).build().await?;
/// let mut transaction = store.begin();
/// OrderPlaced.publish(&mut transaction).await?;
/// transaction.commit();
/// worker.run_until_idle().await?;
/// assert_eq!(state::summaries(&store).await?[0].handled, 1);
/// # Ok(())
/// # }
/// ```
pub struct Worker {
    shared: Arc<Shared>,
    /// The stores whose partitions are run: the real one, and that of the subscriptions that each process has for
    /// itself.
    stores: Vec<Arc<dyn Store>>,
    /// The partitions that were handed over, and are not taken again for a while.
    refrains: Mutex<BTreeMap<Partition, Refrain>>,
    control: watch::Sender<Control>,
}

/// The orders to a worker, and its answers.
#[derive(Clone, Copy, Debug, Default)]
struct Control {
    stop_within: Option<Duration>,
    is_running: bool,
    /// The time at which the loop of the worker last went round.
    beat_at: Option<Instant>,
}

impl Worker {
    /// Begins to build a worker for the subscriptions of a program, over a store.
    pub fn builder(program: impl Into<Program>, store: impl Store) -> WorkerBuilder {
        WorkerBuilder::new(program.into(), Arc::new(store))
    }

    /// Delivers events until `shutdown` is ready, or [`WorkerHandle::stop`] is called. Then nothing more is started,
    /// what runs may end within the limit, and the leases are given back.
    ///
    /// A store that fails is asked again, with growing pauses, for as long as it takes.
    ///
    /// If the future is dropped, the handlers are, too, and the leases run out.
    ///
    /// # Errors
    ///
    /// If handlers were still running when the limit was over. They were dropped, and their events are delivered again.
    ///
    /// # Examples
    ///
    /// ```standalone_crate
    /// use std::time::Duration;
    ///
    /// use eventful::Bus;
    /// use eventful::durable::{Memory, Worker};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let bus = Bus::isolated().build()?;
    /// let worker = Worker::builder(&bus, Memory::new()).build().await?;
    /// let shutdown = async {
    ///     # /*
    ///     tokio::signal::ctrl_c().await.ok();
    ///     # */ tokio::time::sleep(Duration::from_millis(1)).await;
    /// };
    /// worker.run_until(shutdown).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn run_until(
        &self,
        shutdown: impl Future<Output = ()> + Send,
    ) -> Result<(), StillRunning> {
        let mut control = self.control.subscribe();
        self.control.send_modify(|control| {
            control.stop_within = None;
            control.is_running = true;
        });
        let mut crew = Crew::new(self, Wish::GoOn);
        let _duties = Duties::begin(&self.shared, &self.stores, crew.active());
        {
            let mut shutdown = std::pin::pin!(shutdown);
            let mut scan = tokio::time::interval(self.shared.options.scan());
            scan.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
            loop {
                self.beat();
                tokio::select! {
                    () = &mut shutdown => break,
                    () = asked_to_stop(&mut control) => break,
                    _ = scan.tick() => crew.scan().await,
                    Some(ended) = crew.next_end() => crew.release(ended).await,
                }
            }
        }
        let limit = control.borrow().stop_within;
        let limit = limit.unwrap_or(self.shared.options.stop_within);
        let stopped = crew.stop(limit).await;
        if let Err(error) = self.shared.announce(Duration::ZERO).await {
            self.shared.store_failed("withdraw", &error);
        }
        self.control
            .send_modify(|control| control.is_running = false);
        stopped
    }

    /// Delivers events until there is nothing to do *now*: everything in the log is handled, or waits for a retry that
    /// is not due yet. The leases are given back. What another worker holds is left to it.
    ///
    /// # Errors
    ///
    /// If the store fails again and again.
    pub async fn run_until_idle(&self) -> Result<(), StoreError> {
        let mut failures = 0;
        loop {
            match self.run_once().await {
                Ok(Round::WasIdle) => return Ok(()),
                Ok(Round::DidSomething) => failures = 0,
                Err(error) if failures == 10 => return Err(error),
                Err(error) => {
                    self.shared.store_failed("run until idle", &error);
                    failures += 1;
                    tokio::time::sleep(Duration::from_millis(100)).await;
                }
            }
        }
    }

    async fn run_once(&self) -> Result<Round, StoreError> {
        let before = self.shared.advance().await?;
        self.shared.announce(self.shared.options.lease).await?;
        let mut crew = Crew::new(self, Wish::UntilIdle);
        let _duties = Duties::renew_only(&self.shared, &self.stores, crew.active());
        crew.scan().await;
        while let Some(ended) = crew.next_end().await {
            crew.release(ended).await;
        }
        crew.failure()?;
        let after = self.shared.advance().await?;
        let is_idle = after.end == before.end && after.next_scheduled_in != Some(Duration::ZERO);
        Ok(if is_idle {
            Round::WasIdle
        } else {
            Round::DidSomething
        })
    }

    /// Returns a handle that stops the worker, and tells if it is well.
    ///
    /// # Examples
    ///
    /// ```standalone_crate
    /// use std::time::Duration;
    ///
    /// use eventful::Bus;
    /// use eventful::durable::{Memory, Worker};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let bus = Bus::isolated().build()?;
    /// let worker = Worker::builder(&bus, Memory::new()).build().await?;
    /// let handle = worker.handle();
    /// let (stopped, ()) = tokio::join!(worker.run_until(std::future::pending()), async {
    ///     tokio::task::yield_now().await;
    ///     handle.stop(Duration::from_secs(5)).await;
    /// });
    /// stopped?;
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn handle(&self) -> WorkerHandle {
        WorkerHandle::new(self.shared.clone(), self.control.clone())
    }

    fn beat(&self) {
        let now = Instant::now();
        self.control.send_if_modified(|control| {
            control.beat_at = Some(now);
            false
        });
    }
}

async fn asked_to_stop(control: &mut watch::Receiver<Control>) {
    // The sender is the worker's, which is borrowed.
    let _ = control
        .wait_for(|control| control.stop_within.is_some())
        .await;
}

enum Round {
    WasIdle,
    DidSomething,
}

impl fmt::Debug for Worker {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ids = self.shared.subscriptions.iter().map(|it| it.id());
        formatter
            .debug_struct("Worker")
            .field("id", &self.shared.id)
            .field("subscriptions", &ids.collect::<Vec<_>>())
            .finish_non_exhaustive()
    }
}
