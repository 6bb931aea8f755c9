//! The shop's database, in a file or in memory.

use std::borrow::Cow;
use std::error::Error;
use std::fmt;
use std::fs;
use std::str::FromStr;
use std::time::Duration;

use sqlx::migrate::{MigrateError, Migration, MigrationType, Migrator};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{SqlSafeStr, Sqlite, SqlitePool, Transaction};

/// The shop's database, which is `SQLite`.
///
/// One connection writes and others read, so that no query in this process finds the database locked.
#[derive(Clone, Debug)]
pub struct Database {
    readers: SqlitePool,
    /// `None` if it was opened to be read only.
    writer: Option<SqlitePool>,
}

/// A transaction that may write. Dropping it takes back what it wrote.
pub type Writing = Transaction<'static, Sqlite>;

/// The time that a connection waits for another process, or for its turn.
const PATIENCE: Duration = Duration::from_secs(10);

const READERS: u32 = 4;

impl Database {
    /// Opens the database of a URL such as `sqlite:shop.db`, and brings its tables up to date. A missing file is
    /// created, with its folder. With `?mode=ro`, it is only read, and nothing is created or migrated.
    ///
    /// # Errors
    ///
    /// If the URL is none, or the database cannot be opened or migrated.
    pub async fn open(url: &str) -> Result<Self, DatabaseError> {
        let options = SqliteConnectOptions::from_str(url)?
            .busy_timeout(PATIENCE)
            .foreign_keys(true);
        let (_, parameters) = url.split_once('?').unwrap_or_default();
        let is_read_only = parameters
            .split('&')
            .any(|parameter| parameter == "mode=ro");
        let reading = SqlitePoolOptions::new()
            .max_connections(READERS)
            .acquire_timeout(PATIENCE);
        if is_read_only {
            let readers = reading.connect_with(options).await?;
            let database = Self {
                readers,
                writer: None,
            };
            database.ensure_tables().await?;
            return Ok(database);
        }
        if let Some(folder) = options.get_filename().parent() {
            fs::create_dir_all(folder).map_err(sqlx::Error::Io)?;
        }
        let options = options
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Normal);
        let writer = Self::writer(options.clone()).await?;
        migrator().run(&writer).await?;
        let readers = reading
            .connect_with(options.pragma("query_only", "ON"))
            .await?;
        Ok(Self {
            readers,
            writer: Some(writer),
        })
    }

    /// A new database in memory, gone with the last clone of this value: for tests.
    ///
    /// It has a single connection: a task that has a transaction open and reads beside it waits in vain.
    ///
    /// # Errors
    ///
    /// If there is no memory.
    pub async fn in_memory() -> Result<Self, DatabaseError> {
        let options = SqliteConnectOptions::from_str("sqlite::memory:")?.foreign_keys(true);
        let connection = Self::writer(options).await?;
        migrator().run(&connection).await?;
        Ok(Self {
            readers: connection.clone(),
            writer: Some(connection),
        })
    }

    async fn writer(options: SqliteConnectOptions) -> Result<SqlitePool, sqlx::Error> {
        SqlitePoolOptions::new()
            .max_connections(1)
            .min_connections(1)
            .idle_timeout(None)
            .max_lifetime(None)
            .acquire_timeout(PATIENCE)
            .connect_with(options)
            .await
    }

    async fn ensure_tables(&self) -> Result<(), DatabaseError> {
        sqlx::query("SELECT id FROM orders LIMIT 1")
            .fetch_optional(&self.readers)
            .await?;
        Ok(())
    }

    /// Returns the pool for queries.
    #[must_use]
    pub fn readers(&self) -> &SqlitePool {
        &self.readers
    }

    /// Returns `true` if nothing can be written to it.
    #[must_use]
    pub fn is_read_only(&self) -> bool {
        self.writer.is_none()
    }

    /// Begins a transaction that may write, when it is its turn.
    ///
    /// # Errors
    ///
    /// If the database is only read, or if it cannot be had in time.
    pub async fn write(&self) -> Result<Writing, DatabaseError> {
        let writer = self.writer.as_ref().ok_or(DatabaseError::read_only())?;
        // At once and not with the first change: a row that is read in it is the same when it writes.
        Ok(writer.begin_with("BEGIN IMMEDIATE").await?)
    }

    /// Closes all connections, once they are back.
    pub async fn close(&self) {
        self.readers.close().await;
        if let Some(writer) = &self.writer {
            writer.close().await;
        }
    }
}

fn migrator() -> Migrator {
    let migration = |version, name, sql: &'static str| {
        let kind = MigrationType::Simple;
        Migration::new(
            version,
            Cow::Borrowed(name),
            kind,
            sql.into_sql_str(),
            false,
        )
    };
    Migrator::with_migrations(vec![
        migration(1, "tables", include_str!("../migrations/0001_tables.sql")),
        migration(
            2,
            "catalogue",
            include_str!("../migrations/0002_catalogue.sql"),
        ),
    ])
}

/// The error of a query.
#[derive(Debug)]
pub struct DatabaseError(Cause);

#[derive(Debug)]
enum Cause {
    ReadOnly,
    Sqlx(sqlx::Error),
    Migrate(MigrateError),
}

impl DatabaseError {
    fn read_only() -> Self {
        Self(Cause::ReadOnly)
    }

    /// Returns `true` if the database itself is the reason, and not the query: it cannot be written, is full, busy or
    /// gone. The same query may succeed later.
    #[must_use]
    pub fn is_unavailable(&self) -> bool {
        match &self.0 {
            Cause::ReadOnly => true,
            Cause::Migrate(_) => false,
            Cause::Sqlx(sqlx::Error::Database(error)) => {
                // The primary result codes: PERM, BUSY, LOCKED, READONLY, IOERR, FULL, CANTOPEN and PROTOCOL.
                let code = error.code().and_then(|code| code.parse::<u32>().ok());
                matches!(
                    code.map(|code| code & 0xff),
                    Some(3 | 5 | 6 | 8 | 10 | 13 | 14 | 15)
                )
            }
            Cause::Sqlx(error) => matches!(
                error,
                sqlx::Error::Io(_)
                    | sqlx::Error::PoolTimedOut
                    | sqlx::Error::PoolClosed
                    | sqlx::Error::WorkerCrashed
            ),
        }
    }
}

impl From<sqlx::Error> for DatabaseError {
    fn from(error: sqlx::Error) -> Self {
        Self(Cause::Sqlx(error))
    }
}

impl From<MigrateError> for DatabaseError {
    fn from(error: MigrateError) -> Self {
        Self(Cause::Migrate(error))
    }
}

impl fmt::Display for DatabaseError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Cause::ReadOnly => formatter.write_str("the database was opened to be read only"),
            Cause::Sqlx(error) => write!(formatter, "the database failed: {error}"),
            Cause::Migrate(error) => {
                write!(
                    formatter,
                    "the tables cannot be brought up to date: {error}"
                )
            }
        }
    }
}

impl Error for DatabaseError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match &self.0 {
            Cause::ReadOnly => None,
            Cause::Sqlx(error) => Some(error),
            Cause::Migrate(error) => Some(error),
        }
    }
}
