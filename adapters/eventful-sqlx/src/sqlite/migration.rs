//! The schema, and its migrations.

use eventful_durable::store::StoreError;
use sqlx::error::DatabaseError;
use sqlx::{Connection, SqliteConnection};

use super::columns::{micros, now};
use super::step::explain;
use super::{Sqlite, file};
use crate::failpoint;
use crate::failure::Outcome;
use crate::schema::Schema;

/// The migrations, in order: the first makes version 1 of the schema.
const MIGRATIONS: &[&str] = &[include_str!("schema/1.sql")];

const SCHEMA: Schema = Schema {
    store: "Sqlite",
    place: "file",
    known: MIGRATIONS.len(),
};

const VERSIONS: &str = "CREATE TABLE IF NOT EXISTS eventful_migration (
    version INTEGER PRIMARY KEY,
    applied_at INTEGER NOT NULL
) STRICT";

impl Sqlite {
    /// Makes the tables of the store, or brings them up to the version of this program. Each migration is one
    /// transaction. A second call changes nothing. Two processes may call it at once.
    ///
    /// It also switches the file to [write-ahead logging](https://www.sqlite.org/wal.html), which stays on.
    ///
    /// # Errors
    ///
    /// If the file is on a network file system, in memory, or made by a newer version of this crate; if it is locked,
    /// or cannot be written. What was applied before the error stays.
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
    /// let options = SqliteConnectOptions::new().filename(file).create_if_missing(true);
    /// let pool = SqlitePool::connect_with(options).await?;
    /// Sqlite::new(pool.clone()).migrate().await?; // each time the program starts
    ///
    /// let events: i64 = sqlx::query_scalar("SELECT count(*) FROM eventful_events").fetch_one(&pool).await?;
    /// assert_eq!(events, 0);
    /// # Ok(())
    /// # }
    /// ```
    pub async fn migrate(&self) -> Result<(), StoreError> {
        let migrated = self.migrate_now().await;
        migrated.map_err(|failure| explain(failure, "migrate the file"))
    }

    async fn migrate_now(&self) -> Outcome<()> {
        let mut connection = self.inner.safe.acquire().await?;
        file::require_local(&mut connection).await?;
        file::switch_to_wal(&mut connection).await?;
        loop {
            let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await?;
            sqlx::raw_sql(VERSIONS).execute(&mut *transaction).await?;
            let version = version(&mut transaction).await?;
            SCHEMA.refuse_newer(version)?;
            let Some(migration) = MIGRATIONS.get(version) else {
                transaction.commit().await?;
                return Ok(());
            };
            sqlx::raw_sql(*migration).execute(&mut *transaction).await?;
            failpoint::pass("sqlite: within a migration");
            sqlx::query("INSERT INTO eventful_migration (version, applied_at) VALUES (?, ?)")
                .bind(i64::try_from(version + 1).unwrap_or(i64::MAX))
                .bind(micros(now()))
                .execute(&mut *transaction)
                .await?;
            transaction.commit().await?;
        }
    }

    /// Returns the SQL of all migrations, for those who apply their own. [`migrate`](Self::migrate) then finds nothing
    /// to do. It is for a file without these tables, and begins with a pragma that no transaction may contain.
    ///
    /// # Examples
    ///
    /// ```
    /// use eventful::store::Sqlite;
    /// use sqlx::AssertSqlSafe;
    /// # use sqlx::sqlite::{SqliteConnectOptions, SqlitePool};
    ///
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let folder = tempfile::tempdir()?;
    /// # let file = folder.path().join("shop.db");
    /// # let options = SqliteConnectOptions::new().filename(file).create_if_missing(true);
    /// # let pool = SqlitePool::connect_with(options).await?;
    /// let schema = Sqlite::schema(); // or in a file of your migrations
    /// sqlx::raw_sql(AssertSqlSafe(schema)).execute(&pool).await?;
    /// Sqlite::new(pool).migrate().await?; // changes nothing
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn schema() -> String {
        let migrations = MIGRATIONS.iter().zip(1..).map(|(migration, version)| {
            format!(
                "\n{migration}\n\
                 INSERT INTO eventful_migration (version, applied_at) VALUES ({version}, unixepoch() * 1000000);\n"
            )
        });
        let head = format!("PRAGMA journal_mode = WAL;\n\n{VERSIONS};\n");
        std::iter::once(head).chain(migrations).collect()
    }
}

/// Fails unless the tables are there, in the version of this program.
pub(super) async fn require(connection: &mut SqliteConnection) -> Outcome<()> {
    let version = version(connection).await?;
    Ok(SCHEMA.require(version)?)
}

/// The version of the tables, from 1.
async fn version(connection: &mut SqliteConnection) -> Outcome<usize> {
    let version: i64 =
        sqlx::query_scalar("SELECT coalesce(max(version), 0) FROM eventful_migration")
            .fetch_one(connection)
            .await?;
    Ok(usize::try_from(version).unwrap_or(usize::MAX))
}

/// Returns true if a statement has failed because a table of the store is not there.
pub(super) fn is_missing_table(error: &dyn DatabaseError) -> bool {
    error.message().starts_with("no such table: eventful_")
}
