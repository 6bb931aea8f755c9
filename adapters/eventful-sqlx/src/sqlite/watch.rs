//! The bell, rung when another connection has committed.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use eventful_durable::store::Bell;
use sqlx::pool::PoolConnection;
use sqlx::{Sqlite as Database, SqlitePool};
use tokio::sync::Notify;
use tokio::task::JoinHandle;
use tokio::time::timeout;

/// The time between two looks. One look takes less than 0.1 ms of processor time.
const LOOK_EVERY: Duration = Duration::from_millis(10);
/// The time between two looks after a publish in this process, whose commit is near.
const LOOK_SOON: Duration = Duration::from_millis(1);
/// The number of looks after a publish for which it is near.
const SOON: u32 = 100;
/// The pause after a look that has failed.
const PAUSE: Duration = Duration::from_secs(1);

/// Told of each publish in this process, in whichever file: its commit is the program's, and tells nobody.
static PUBLISHED: Notify = Notify::const_new();

/// Says that an event was appended in a transaction that is still open.
pub(super) fn published() {
    PUBLISHED.notify_waiters();
}

/// A task that looks for commits of other connections: those of the program's publishers, and of other processes.
pub(super) struct Watch {
    bell: Arc<Bell>,
    task: Mutex<Option<JoinHandle<()>>>,
}

impl Watch {
    pub(super) fn new(bell: Arc<Bell>) -> Self {
        Self {
            bell,
            task: Mutex::default(),
        }
    }

    /// Begins to watch, if nobody does: a task ends with its runtime.
    pub(super) fn start(&self, readers: &SqlitePool) {
        let mut task = self.task.lock().unwrap_or_else(PoisonError::into_inner);
        if task.as_ref().is_none_or(JoinHandle::is_finished) {
            *task = Some(tokio::spawn(watch(readers.clone(), self.bell.clone())));
        }
    }

    pub(super) async fn stop(&self) {
        let task = self
            .task
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        if let Some(task) = task {
            task.abort();
            // It is cancelled, which is no error.
            let _ = task.await;
        }
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        let task = self.task.get_mut().unwrap_or_else(PoisonError::into_inner);
        if let Some(task) = task {
            task.abort();
        }
    }
}

async fn watch(readers: SqlitePool, bell: Arc<Bell>) {
    loop {
        match readers.acquire().await {
            Ok(connection) => look(connection, &bell).await,
            Err(sqlx::Error::PoolClosed) => return,
            // A step of a worker meets the same error, and says it.
            Err(_) => {}
        }
        tokio::time::sleep(PAUSE).await;
    }
}

/// Looks until it fails. `data_version` changes with the commits of others, so this connection never writes.
async fn look(mut connection: PoolConnection<Database>, bell: &Bell) {
    let mut seen = None;
    let mut soon = 0_u32;
    loop {
        let published = PUBLISHED.notified();
        let version: Result<i64, _> = sqlx::query_scalar("PRAGMA data_version")
            .fetch_one(&mut *connection)
            .await;
        let Ok(version) = version else {
            return;
        };
        if seen.is_some_and(|seen| seen != version) {
            bell.ring();
            soon = 0;
        }
        seen = Some(version);
        let pause = if soon > 0 { LOOK_SOON } else { LOOK_EVERY };
        soon = soon.saturating_sub(1);
        if timeout(pause, published).await.is_ok() {
            soon = SOON;
        }
    }
}
