//! The bell, rung when something was published, in this process or in another one.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use eventful_durable::store::Bell;
use sqlx::postgres::PgListener;
use sqlx::{Executor as _, PgPool};
use tokio::sync::Notify;
use tokio::task::JoinHandle;
use tokio::time::sleep;

/// The pauses after a publish, after each of which the bell is rung: its commit is near, and tells nobody.
const PAUSES: [Duration; 7] = [
    Duration::from_micros(500),
    Duration::from_millis(1),
    Duration::from_millis(2),
    Duration::from_millis(4),
    Duration::from_millis(8),
    Duration::from_millis(16),
    Duration::from_millis(32),
];
/// The pause after an error of the listening connection.
const PAUSE: Duration = Duration::from_secs(1);

/// Told of each publish in this process, in whichever database: its commit is the program's, and tells nobody.
static PUBLISHED: Notify = Notify::const_new();

/// Says that an event was appended in a transaction that is still open.
pub(super) fn published() {
    PUBLISHED.notify_waiters();
}

/// The tasks that ring the bell.
pub(super) struct Watch {
    bell: Arc<Bell>,
    /// The connection for notices.
    pool: PgPool,
    listens: bool,
    tasks: Mutex<Vec<JoinHandle<()>>>,
}

impl Watch {
    pub(super) fn new(bell: Arc<Bell>, pool: PgPool, listens: bool) -> Self {
        Self {
            bell,
            pool,
            listens,
            tasks: Mutex::default(),
        }
    }

    /// Begins to watch, if nobody does: a task ends with its runtime.
    pub(super) fn start(&self) {
        let mut tasks = self.tasks.lock().unwrap_or_else(PoisonError::into_inner);
        if tasks.iter().any(|task| !task.is_finished()) {
            return;
        }
        tasks.clear();
        let notices = self.listens.then(|| self.pool.clone());
        tasks.push(tokio::spawn(ring_after_publishes(
            self.bell.clone(),
            notices,
        )));
        if self.listens {
            tasks.push(tokio::spawn(listen(self.pool.clone(), self.bell.clone())));
        }
    }

    pub(super) async fn stop(&self) {
        let tasks = std::mem::take(&mut *self.tasks.lock().unwrap_or_else(PoisonError::into_inner));
        for task in tasks {
            task.abort();
            // It is cancelled, which is no error.
            let _ = task.await;
        }
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        for task in self.tasks.get_mut().unwrap_or_else(PoisonError::into_inner) {
            task.abort();
        }
    }
}

/// Rings a few times after a publish, and tells other processes as often: a notice before the commit finds nothing.
async fn ring_after_publishes(bell: Arc<Bell>, notices: Option<PgPool>) {
    loop {
        PUBLISHED.notified().await;
        for pause in PAUSES {
            sleep(pause).await;
            bell.ring();
            if let Some(pool) = &notices {
                // Without it, the others look a little later.
                let _ = pool.execute("NOTIFY eventful").await;
            }
        }
    }
}

async fn listen(pool: PgPool, bell: Arc<Bell>) {
    let options = (*pool.connect_options()).clone();
    let pool = sqlx::postgres::PgPoolOptions::new()
        .max_connections(1)
        .connect_lazy_with(options);
    loop {
        if let Ok(mut listener) = PgListener::connect_with(&pool).await
            && listener.listen("eventful").await.is_ok()
        {
            // Something may have come while nobody listened.
            bell.ring();
            while listener.recv().await.is_ok() {
                bell.ring();
            }
        }
        // A step of a worker meets the same error, and says it.
        sleep(PAUSE).await;
    }
}
