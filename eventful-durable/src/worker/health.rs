//! The handle of a worker.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::Instant;

use super::Control;
use super::shared::Shared;

/// A handle of a [`Worker`](super::Worker) that can be passed on.
///
/// # Examples
///
/// ```standalone_crate
/// use std::time::Duration;
///
/// use eventful::Bus;
/// use eventful::durable::{Health, Memory, Worker};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let bus = Bus::isolated().build()?;
/// let worker = Worker::builder(&bus, Memory::new()).build().await?;
/// let handle = worker.handle();
/// assert!(!handle.health().is_ready(), "it does not run yet");
///
/// let running = tokio::spawn(async move { worker.run_until(std::future::pending()).await });
/// while !handle.health().is_ready() {
///     tokio::time::sleep(Duration::from_millis(1)).await;
/// }
/// handle.stop(Duration::from_secs(5)).await;
/// running.await??;
/// let stopped: Health = handle.health();
/// assert!(stopped.is_live());
/// assert_eq!(stopped.not_ready, ["the worker does not run"]);
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct WorkerHandle {
    shared: Arc<Shared>,
    control: watch::Sender<Control>,
}

/// The health of a worker, for the probes of whoever runs the process.
///
/// # Examples
///
/// ```
/// use eventful::durable::Health;
///
/// /// The answer to a probe: its status and body.
/// fn answer(health: &Health) -> (u16, String) {
///     match (health.is_live(), health.is_ready()) {
///         (true, true) => (200, "ready".to_owned()),
///         (true, false) => (503, health.not_ready.join("\n")),
///         (false, _) => (500, health.not_live.join("\n")),
///     }
/// }
///
/// assert_eq!(answer(&Health::default()), (200, "ready".to_owned()));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Health {
    /// The reasons for which the process should be started anew. Empty: it is live.
    pub not_live: Vec<String>,
    /// The reasons for which it cannot do its work now. Empty: it is ready.
    pub not_ready: Vec<String>,
}

/// The time without a sign of life after which a worker is not well.
const SILENCE: Duration = Duration::from_secs(15);

impl WorkerHandle {
    pub(super) fn new(shared: Arc<Shared>, control: watch::Sender<Control>) -> Self {
        Self { shared, control }
    }

    /// Stops the worker: nothing more is started, and what runs has this time to end. Returns when it has stopped, at
    /// once if it does not run.
    pub async fn stop(&self, limit: Duration) {
        let mut control = self.control.subscribe();
        self.control.send_modify(|control| {
            if control.is_running {
                control.stop_within = Some(limit);
            }
        });
        // The sender is this handle's.
        let _ = control.wait_for(|control| !control.is_running).await;
    }

    /// Tells if the worker is well. It asks nobody, so a probe may call it as often as it likes.
    ///
    /// A worker is live while its loop goes round. It is ready if it runs, and the store has answered lately.
    #[must_use]
    pub fn health(&self) -> Health {
        let control = *self.control.borrow();
        let mut health = Health::default();
        if !control.is_running {
            health.not_ready.push("the worker does not run".to_owned());
            return health;
        }
        let is_silent = |at: Option<Instant>| at.is_none_or(|at| at.elapsed() > SILENCE);
        if is_silent(control.beat_at) {
            let text = format!("the loop of the worker has not gone round for {SILENCE:?}");
            health.not_live.push(text);
        }
        if is_silent(Some(self.shared.clock.seen_at())) {
            let text = format!("the store has not answered for {SILENCE:?}");
            health.not_ready.push(text);
        }
        health
    }
}

impl Health {
    /// Returns true if the process need not be started anew.
    #[must_use]
    pub fn is_live(&self) -> bool {
        self.not_live.is_empty()
    }

    /// Returns true if the worker does its work.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        self.is_live() && self.not_ready.is_empty()
    }
}

impl fmt::Debug for WorkerHandle {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("WorkerHandle")
            .field("worker", &self.shared.id)
            .finish_non_exhaustive()
    }
}
