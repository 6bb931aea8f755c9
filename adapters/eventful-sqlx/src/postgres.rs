//! The store in a database of PostgreSQL.

mod acknowledge;
mod append;
mod appends;
mod change;
mod columns;
mod dead;
mod delivery;
#[cfg(any(feature = "diesel-async", feature = "tokio-postgres"))]
mod drivers;
mod due;
mod guard;
mod lease;
mod migration;
#[cfg(all(test, unix))]
mod plans;
mod rebase;
mod registration;
mod sequence;
mod session;
mod settle;
mod state;
mod step;
mod store;
mod transaction;
mod trim;
mod watch;

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::AtomicI64;
use std::time::Duration;

use eventful_durable::store::Bell;
use sqlx::PgPool;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use self::session::Statements;
use self::watch::Watch;

pub use self::appends::{PostgresTransaction, Unnamed};

/// The most connections that read, give places and acknowledge at once.
const QUICK: u32 = 4;
/// The most connections whose commits are on the disk: takeovers, dead letters, changes.
const SAFE: u32 = 2;
/// The time for which a step waits for a connection of the store's own.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(10);

/// A store in a database of PostgreSQL, for any number of replicas of a program. A clone is the same store.
///
/// The events of a program are in the database that holds its other data, so that one transaction writes both. They are
/// in a schema of their own, `eventful`: one log for a database.
///
/// # Connections
///
/// A worker has at most 7 connections of its own, for leases, acknowledgements and reading. Transactional handlers run on
/// the program's pool, at most one fewer at once than it has connections, so that one is left for the program. They
/// need a pool of at least two.
///
/// A program may be behind PgBouncer in its transaction mode: see [`behind_pgbouncer`](Self::behind_pgbouncer).
///
/// # Order
///
/// Neither numbers of a sequence nor transaction ids are in the order of commits. So a worker gives each committed event
/// its position, in a step of one statement: what commits later never gets a lower one, and nobody waits for a
/// transaction that stays open. Events of a key are delivered in the order in which their transactions came one after
/// the other *if each locked the key's row before it published*.
///
/// # What a crash or a failover loses
///
/// `kill -9` of a worker or of the server loses nothing. A crash of the server takes back the acknowledgements of its
/// last moments (three times `wal_writer_delay`, 0.6 seconds by default), so that those events are handled again; the
/// effects of transactional handlers are not, which are committed with the settings of the program's pool. A failover
/// to a copy that lags loses what the copy lacks, and nothing else.
///
/// # Examples
///
/// ```standalone_crate
/// use eventful::durable::Worker;
/// use eventful::store::Postgres;
/// use eventful::{Bus, event, handler};
/// use serde::{Deserialize, Serialize};
/// use sqlx::{PgConnection, PgPool};
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
/// // The effect is in the database: it happens once.
/// #[handler(OrderPlaced, id = "stock.reserve")]
/// async fn reserve(event: &OrderPlaced, connection: &mut PgConnection) -> sqlx::Result<()> {
///     let row = sqlx::query("INSERT INTO reservations (order_id) VALUES ($1)").bind(event.order_id);
///     row.execute(connection).await?;
///     Ok(())
/// }
///
/// async fn serve(url: &str, shutdown: impl Future<Output = ()> + Send) -> Result<(), Box<dyn std::error::Error>> {
///     let pool = PgPool::connect(url).await?;
///     let store = Postgres::new(pool.clone());
///     store.migrate().await?;
///
///     // Before the first publish: it registers the handlers in the database.
///     let bus = Bus::builder().build()?;
///     let worker = Worker::builder(&bus, store).build().await?;
///
///     let mut transaction = pool.begin().await?;
///     sqlx::query("INSERT INTO orders (id) VALUES (7)").execute(&mut *transaction).await?;
///     OrderPlaced { order_id: 7 }.publish(&mut transaction).await?;
///     transaction.commit().await?;
///
///     worker.run_until(shutdown).await?;
///     Ok(())
/// }
/// # fn main() {}
/// ```
#[derive(Clone)]
pub struct Postgres {
    inner: Arc<Inner>,
}

struct Inner {
    /// The program's pool.
    pool: PgPool,
    /// Connections for steps that a crash of the server may take back.
    quick: PgPool,
    /// Connections whose commits are on the disk.
    safe: PgPool,
    /// A connection for renewals alone, so that nothing keeps a lease from being renewed.
    renewals: PgPool,
    statements: Statements,
    /// The number in the log up to which rows without a place were looked for.
    searched: AtomicI64,
    bell: Arc<Bell>,
    watch: Watch,
}

impl Postgres {
    /// Makes a store in the database that the pool is connected to.
    ///
    /// Nothing is opened yet. The schema has to be there before a worker is built, or an event published: see
    /// [`migrate`](Self::migrate).
    ///
    /// # Examples
    ///
    /// ```
    /// use eventful::store::Postgres;
    /// use sqlx::PgPool;
    ///
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), sqlx::Error> {
    /// let pool = PgPool::connect_lazy("postgres://shop@db.internal/shop")?;
    /// let store = Postgres::new(pool);
    /// assert_eq!(format!("{store:?}"), r#"Postgres { host: "db.internal", database: Some("shop"), .. }"#);
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn new(pool: PgPool) -> Self {
        Self::with(pool, Statements::Named, false)
    }

    /// Uses what PgBouncer passes on in its transaction mode, on the store's own connections: statements without a name,
    /// and no settings of the session. To be called before the first clone.
    ///
    /// sqlx itself needs `ignore_startup_parameters = extra_float_digits` in the settings of PgBouncer.
    ///
    /// Acknowledgements wait for the disk then, and [`listening`](Self::listening) does not work. The
    /// `default_transaction_isolation` of the role has to be `read committed`. The program publishes with [`Unnamed`],
    /// unless PgBouncer is of version 1.21 or later and has `max_prepared_statements` above zero: then neither is
    /// needed.
    ///
    /// # Examples
    ///
    /// ```
    /// use eventful::store::Postgres;
    /// use sqlx::PgPool;
    ///
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), sqlx::Error> {
    /// let pool = PgPool::connect_lazy("postgres://shop@pgbouncer.internal:6432/shop")?;
    /// let store = Postgres::new(pool).behind_pgbouncer();
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn behind_pgbouncer(self) -> Self {
        Self::with(self.inner.pool.clone(), Statements::Unnamed, false)
    }

    /// Has publishers tell the workers of other processes by `NOTIFY`, and listens for it, on connections of the store's
    /// own. To be called before the first clone.
    ///
    /// Without it, a worker of another process sees an event when it looks next: after 250 ms at most. A notice is
    /// never in the program's transactions, where it would make all of them wait for each other; it follows a
    /// publish, and one stands for all that were published meanwhile.
    ///
    /// # Examples
    ///
    /// ```
    /// use eventful::store::Postgres;
    /// use sqlx::PgPool;
    ///
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), sqlx::Error> {
    /// let pool = PgPool::connect_lazy("postgres://shop@db.internal/shop")?;
    /// let store = Postgres::new(pool).listening();
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn listening(self) -> Self {
        Self::with(self.inner.pool.clone(), self.inner.statements, true)
    }

    fn with(pool: PgPool, statements: Statements, listens: bool) -> Self {
        let options = (*pool.connect_options()).clone();
        let (options, quick) = match statements {
            Statements::Unnamed => (options.clone(), options),
            Statements::Named => {
                let options = own_settings(options);
                let quick = options.clone().options([("synchronous_commit", "off")]);
                (options, quick)
            }
        };
        let bell = Arc::new(Bell::new());
        let renewals = connections(quick.clone(), 1);
        let quick = connections(quick, QUICK);
        Self {
            inner: Arc::new(Inner {
                safe: connections(options, SAFE),
                watch: Watch::new(bell.clone(), quick.clone(), listens),
                quick,
                renewals,
                statements,
                searched: AtomicI64::new(0),
                bell,
                pool,
            }),
        }
    }

    /// Closes the connections that are the store's own. The pool of the program stays open.
    ///
    /// Programs need not call it before they end.
    ///
    /// # Examples
    ///
    /// ```
    /// use eventful::store::Postgres;
    /// use sqlx::PgPool;
    ///
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), sqlx::Error> {
    /// let pool = PgPool::connect_lazy("postgres://shop@db.internal/shop")?;
    /// let store = Postgres::new(pool.clone());
    /// store.close().await;
    /// pool.close().await;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn close(&self) {
        self.inner.watch.stop().await;
        for pool in [&self.inner.quick, &self.inner.safe, &self.inner.renewals] {
            pool.close().await;
        }
    }
}

/// The settings of the store's own connections, whatever the role and the database say.
fn own_settings(options: PgConnectOptions) -> PgConnectOptions {
    options.options([
        // A step under another level makes publishers fail.
        ("default_transaction_isolation", "read committed"),
        ("default_transaction_read_only", "off"),
        // To start a parallel plan takes longer than a step.
        ("max_parallel_workers_per_gather", "0"),
        ("jit", "off"),
    ])
}

fn connections(options: PgConnectOptions, most: u32) -> PgPool {
    PgPoolOptions::new()
        .max_connections(most)
        .acquire_timeout(ACQUIRE_TIMEOUT)
        .connect_lazy_with(options)
}

impl fmt::Debug for Postgres {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let options = self.inner.pool.connect_options();
        formatter
            .debug_struct("Postgres")
            .field("host", &options.get_host())
            .field("database", &options.get_database())
            .finish_non_exhaustive()
    }
}
