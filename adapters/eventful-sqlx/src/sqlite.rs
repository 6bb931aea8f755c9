//! The store in a file of SQLite.

mod acknowledge;
mod append;
mod appends;
mod change;
mod columns;
mod dead;
mod delivery;
mod file;
mod lease;
mod migration;
mod registration;
mod state;
mod step;
mod store;
mod transaction;
mod trim;
mod watch;

use std::fmt;
use std::sync::{Arc, OnceLock};

use eventful_durable::store::Bell;
use sqlx::SqlitePool;
use sqlx::sqlite::{SqliteConnectOptions, SqlitePoolOptions, SqliteSynchronous};
use tokio::sync::Mutex;

use self::file::Identity;
use self::transaction::Pause;
use self::watch::Watch;

pub use self::appends::SqliteTransaction;

/// The time for which a connection of the store's own waits for other writers of the file.
const BUSY_TIMEOUT: std::time::Duration = std::time::Duration::from_secs(10);
/// The most connections that read at once, the one that watches for commits among them.
const READERS: u32 = 5;

/// The rows that a reading thread may be ahead: a small batch, and 64 MiB of the largest events.
const ROWS_AT_ONCE: usize = 256;

/// A store in a file of SQLite. A clone is the same store.
///
/// The events of a program are in the file that holds its other data, so that one transaction writes both. Several
/// processes may use one file at once. The worker has connections of its own: the pool is the program's alone, and one
/// connection in it is enough.
///
/// # One writer at a time
///
/// SQLite has one writer at a time in a file, whoever it is. So transactional handlers run one after the other, and
/// while one runs, publishers wait, for at most its timeout (2 seconds, unless it is configured) and a tenth of a
/// second more. After one that was slow, the next begins a little later, so that whoever waits has a turn. Give the
/// pool a `busy_timeout` above that; sqlx's default of 5 seconds is. A transaction that reads before it writes begins
/// with `pool.begin_with("BEGIN IMMEDIATE")`, or its first write may fail at once.
///
/// A process that is stopped (not killed) within one of its transactions keeps every other one from writing, as with
/// each use of SQLite. The steps of the store are short, and never wait for a handler within a transaction of their
/// own.
///
/// # What a power cut loses
///
/// `kill -9` loses nothing. What a power cut takes from the publishers depends on the `synchronous` of their pool:
/// nothing with `FULL`, their last commits with `NORMAL`, whole, with the events in them. Acknowledgements are written
/// with `NORMAL`, so some events may be handled a second time after it; leases, dead letters, and the events that
/// handlers return are written with `FULL`.
///
/// # Examples
///
/// ```standalone_crate
/// use eventful::durable::Worker;
/// use eventful::store::Sqlite;
/// use eventful::{Bus, event, handler};
/// use serde::{Deserialize, Serialize};
/// use sqlx::SqliteConnection;
/// use sqlx::sqlite::{SqliteConnectOptions, SqlitePool};
///
/// #[event(durable, name = "order.placed", key = order_id)]
/// #[derive(Serialize, Deserialize)]
/// struct OrderPlaced {
///     order_id: i64,
/// }
///
/// // The effect is elsewhere: it may happen twice.
/// #[handler(OrderPlaced, id = "mail.confirm")]
/// async fn confirm(event: &OrderPlaced) {
///     println!("order {} is confirmed", event.order_id);
/// }
///
/// // The effect is in the file: it happens once.
/// #[handler(OrderPlaced, id = "stock.reserve")]
/// async fn reserve(event: &OrderPlaced, connection: &mut SqliteConnection) -> sqlx::Result<()> {
///     let row = sqlx::query("INSERT INTO reservations (order_id) VALUES (?)").bind(event.order_id);
///     row.execute(connection).await?;
///     Ok(())
/// }
///
/// # #[tokio::main]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let folder = tempfile::tempdir()?;
/// # let file = folder.path().join("shop.db");
/// let options = SqliteConnectOptions::new().filename(file).create_if_missing(true);
/// let pool = SqlitePool::connect_with(options).await?;
/// let store = Sqlite::new(pool.clone());
/// store.migrate().await?;
/// # let tables = "CREATE TABLE orders (id INTEGER); CREATE TABLE reservations (order_id INTEGER)";
/// # sqlx::raw_sql(tables).execute(&pool).await?;
///
/// // Before the first publish: it registers the handlers in the file.
/// let bus = Bus::builder().build()?;
/// let worker = Worker::builder(&bus, store).build().await?;
///
/// let mut transaction = pool.begin_with("BEGIN IMMEDIATE").await?;
/// sqlx::query("INSERT INTO orders (id) VALUES (7)").execute(&mut *transaction).await?;
/// OrderPlaced { order_id: 7 }.publish(&mut transaction).await?;
/// transaction.commit().await?;
///
/// worker.run_until_idle().await?; // a service awaits `run_until(shutdown)`
/// let reserved: i64 = sqlx::query_scalar("SELECT order_id FROM reservations").fetch_one(&pool).await?;
/// assert_eq!(reserved, 7);
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Sqlite {
    inner: Arc<Inner>,
}

struct Inner {
    /// The program's pool.
    pool: SqlitePool,
    /// Connections that only read.
    readers: SqlitePool,
    /// A connection whose commits are on the disk.
    safe: SqlitePool,
    /// A connection whose last commits a power cut may take back.
    quick: SqlitePool,
    /// The connection of transactional handlers.
    handlers: SqlitePool,
    /// Held by the writer of this process. It is fair, while SQLite lets waiting connections try again by chance.
    writing: Arc<Mutex<()>>,
    /// Held while a transactional handler runs, with the pause after a slow one.
    handling: Arc<Mutex<Pause>>,
    bell: Arc<Bell>,
    watch: Watch,
    /// The file, since it was first checked.
    file: OnceLock<Identity>,
}

impl Sqlite {
    /// Makes a store in the file that the pool is connected to.
    ///
    /// Nothing is opened yet. The schema has to be there before a worker is built, or an event published: see
    /// [`migrate`](Self::migrate).
    ///
    /// # Examples
    ///
    /// ```
    /// use eventful::store::Sqlite;
    /// use sqlx::sqlite::{SqliteConnectOptions, SqlitePoolOptions};
    ///
    /// # #[tokio::main]
    /// # async fn main() {
    /// let options = SqliteConnectOptions::new().filename("shop.db");
    /// let pool = SqlitePoolOptions::new().max_connections(1).connect_lazy_with(options);
    /// let store = Sqlite::new(pool);
    /// assert_eq!(format!("{store:?}"), r#"Sqlite { file: "shop.db", .. }"#);
    /// # }
    /// ```
    #[must_use]
    pub fn new(pool: SqlitePool) -> Self {
        let options = (*pool.connect_options()).clone();
        let options = options.busy_timeout(BUSY_TIMEOUT).create_if_missing(false);
        let safe = options.clone().synchronous(SqliteSynchronous::Full);
        // An event that is erased leaves nothing in the file.
        let safe = safe.pragma("secure_delete", "ON");
        let quick = options.clone().synchronous(SqliteSynchronous::Normal);
        // The rows of a batch come from the thread of the connection in one go.
        let readers = options.clone().row_buffer_size(ROWS_AT_ONCE);
        let readers = readers.pragma("query_only", "ON");
        let handlers = options.synchronous(SqliteSynchronous::Full);
        let bell = Arc::new(Bell::new());
        Self {
            inner: Arc::new(Inner {
                readers: connections(readers, READERS),
                safe: connections(safe, 1),
                quick: connections(quick, 1),
                handlers: connections(handlers, 1),
                writing: Arc::default(),
                handling: Arc::default(),
                watch: Watch::new(bell.clone()),
                file: OnceLock::new(),
                bell,
                pool,
            }),
        }
    }

    /// Closes the connections that are the store's own. The pool of the program stays open.
    ///
    /// Programs need not call it before they end. Before the file is moved or deleted, they do.
    ///
    /// # Examples
    ///
    /// ```
    /// use eventful::store::Sqlite;
    /// use sqlx::sqlite::{SqliteConnectOptions, SqlitePool};
    ///
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let folder = tempfile::tempdir()?;
    /// # let file = folder.path().join("shop.db");
    /// let options = SqliteConnectOptions::new().filename(&file).create_if_missing(true);
    /// let pool = SqlitePool::connect_with(options).await?;
    /// let store = Sqlite::new(pool.clone());
    /// store.migrate().await?;
    ///
    /// store.close().await;
    /// pool.close().await;
    /// std::fs::remove_file(file)?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn close(&self) {
        self.inner.watch.stop().await;
        for pool in [
            &self.inner.readers,
            &self.inner.safe,
            &self.inner.quick,
            &self.inner.handlers,
        ] {
            pool.close().await;
        }
    }
}

fn connections(options: SqliteConnectOptions, most: u32) -> SqlitePool {
    SqlitePoolOptions::new()
        .max_connections(most)
        .idle_timeout(None)
        .max_lifetime(None)
        .test_before_acquire(false)
        .connect_lazy_with(options)
}

impl fmt::Debug for Sqlite {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let options = self.inner.pool.connect_options();
        formatter
            .debug_struct("Sqlite")
            .field("file", &options.get_filename())
            .finish_non_exhaustive()
    }
}
