//! The bell, rung when something was published, in this process or in another one.

use std::sync::{Arc, LazyLock, Mutex, PoisonError};
use std::time::Duration;

use eventful_durable::store::Bell;
use sqlx::postgres::PgListener;
use sqlx::{Executor as _, PgPool};
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};

/// The pause after a publish, after which the bell is rung: its commit is near.
const SOON: Duration = Duration::from_micros(500);
/// The pauses between the rings that follow, until the next publish.
const PAUSES: [Duration; 6] = [
    Duration::from_millis(1),
    Duration::from_millis(2),
    Duration::from_millis(4),
    Duration::from_millis(8),
    Duration::from_millis(16),
    Duration::from_millis(32),
];
/// The pause after an error of the listening connection.
const PAUSE: Duration = Duration::from_secs(1);

/// Rung at each publish in this process, in whichever database: its commit is the program's, and tells nobody.
static PUBLISHED: LazyLock<Bell> = LazyLock::new(Bell::new);

/// Says that an event was appended in a transaction that is still open.
pub(super) fn published() {
    PUBLISHED.ring();
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
    let mut published = PUBLISHED.listen();
    loop {
        published.rung().await;
        sleep(SOON).await;
        ring(&bell, notices.as_ref()).await;
        let mut pauses = PAUSES.into_iter();
        while let Some(pause) = pauses.next() {
            if timeout(pause, published.rung()).await.is_ok() {
                // Another one: it begins anew.
                pauses = PAUSES.into_iter();
                sleep(SOON).await;
            }
            ring(&bell, notices.as_ref()).await;
        }
    }
}

async fn ring(bell: &Bell, notices: Option<&PgPool>) {
    bell.ring();
    if let Some(pool) = notices {
        // Without it, the others look a little later.
        let _ = pool.execute("NOTIFY eventful").await;
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
