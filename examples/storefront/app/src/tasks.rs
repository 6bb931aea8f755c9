//! Work that runs to its end, also if the client that asked for it hangs up.

use std::error::Error;
use std::fmt;
use std::future::Future;
use std::sync::Arc;

use tokio::sync::Semaphore;
use tokio::task::JoinError;
use tokio_util::task::TaskTracker;

/// The tasks of the shop: at most as many at a time as it allows. The service waits for them before it stops.
#[derive(Clone, Debug)]
pub(crate) struct Tasks {
    tracker: TaskTracker,
    room: Arc<Semaphore>,
}

impl Tasks {
    pub(crate) fn new(limit: usize) -> Self {
        Self {
            tracker: TaskTracker::new(),
            room: Arc::new(Semaphore::new(limit)),
        }
    }

    /// Runs `work` in a task of its own, and returns its output.
    ///
    /// A server drops the future of a request when the client hangs up. The task then goes on, and only its output is
    /// lost.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        work: impl Future<Output = T> + Send + 'static,
    ) -> Result<T, TaskError> {
        let room = Arc::clone(&self.room).try_acquire_owned();
        let room = room.map_err(|_| TaskError::TooMany)?;
        let task = self.tracker.spawn(async move {
            let output = work.await;
            drop(room);
            output
        });
        task.await.map_err(TaskError::Unfinished)
    }

    /// Returns the number of tasks that are not finished.
    pub(crate) fn count(&self) -> usize {
        self.tracker.len()
    }

    /// Waits until all tasks are finished.
    pub(crate) async fn finished(&self) {
        self.tracker.close();
        self.tracker.wait().await;
    }
}

/// The error of work that has no output.
#[derive(Debug)]
pub(crate) enum TaskError {
    /// The number of tasks is at the limit, and this one was not begun.
    TooMany,
    /// The task panicked, or the runtime stopped it.
    Unfinished(JoinError),
}

impl fmt::Display for TaskError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooMany => formatter.write_str("there are too many tasks at the moment"),
            Self::Unfinished(error) => write!(formatter, "a task was not finished: {error}"),
        }
    }
}

impl Error for TaskError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::TooMany => None,
            Self::Unfinished(error) => Some(error),
        }
    }
}
