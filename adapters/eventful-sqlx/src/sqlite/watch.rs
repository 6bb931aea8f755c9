//! The bell, rung when another connection has committed.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use eventful_durable::store::Bell;
use sqlx::pool::PoolConnection;
use sqlx::{Sqlite as Database, SqlitePool};
use tokio::task::JoinHandle;

/// The time between two looks. One look takes some 20 µs of processor time.
const LOOK_EVERY: Duration = Duration::from_millis(2);
/// The pause after a look that has failed.
const PAUSE: Duration = Duration::from_secs(1);

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
    loop {
        let version: Result<i64, _> = sqlx::query_scalar("PRAGMA data_version")
            .fetch_one(&mut *connection)
            .await;
        let Ok(version) = version else {
            return;
        };
        if seen.is_some_and(|seen| seen != version) {
            bell.ring();
        }
        seen = Some(version);
        tokio::time::sleep(LOOK_EVERY).await;
    }
}
