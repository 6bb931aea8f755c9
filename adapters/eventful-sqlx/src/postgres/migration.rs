//! The schema, and its migrations.

use eventful_durable::store::StoreError;
use sqlx::error::DatabaseError;
use sqlx::{Executor as _, PgConnection, Row};

use super::step::advice;
use super::{Postgres, guard};
use crate::failpoint;
use crate::failure::Outcome;
use crate::schema::Schema;

/// The migrations, in order: the first makes version 1 of the schema.
const MIGRATIONS: &[&str] = &[include_str!("schema/1.sql")];

const SCHEMA: Schema = Schema {
    store: "Postgres",
    place: "database",
    known: MIGRATIONS.len(),
};

const VERSIONS: &str = "CREATE SCHEMA IF NOT EXISTS eventful;
CREATE TABLE IF NOT EXISTS eventful.migration (
    version integer PRIMARY KEY,
    applied_at timestamptz NOT NULL DEFAULT now()
)";

/// The lock of migrations: the name of the schema as a number.
const LOCK: &str = "SELECT pg_advisory_xact_lock(hashtextextended('eventful.migration', 0))";

impl Postgres {
    /// Makes the schema of the store, or brings it up to the version of this program, in one transaction. A second call
    /// changes nothing. Several processes may call it at once.
    ///
    /// # Errors
    ///
    /// If the server is older than PostgreSQL 13, the role may not create a schema in the database, or a newer version
    /// of this crate has made the schema. Nothing was changed then.
    ///
    /// # Examples
    ///
    /// ```
    /// use eventful::durable::store::StoreError;
    /// use eventful::store::Postgres;
    ///
    /// /// Called each time the program starts.
    /// async fn prepare(store: &Postgres) -> Result<(), StoreError> {
    ///     store.migrate().await
    /// }
    /// ```
    pub async fn migrate(&self) -> Result<(), StoreError> {
        let migrated = self.migrate_now().await;
        migrated.map_err(|failure| failure.of("migrate the database", advice_of_migration))
    }

    async fn migrate_now(&self) -> Outcome<()> {
        let mut transaction = self.inner.safe.begin().await?;
        let ask = "SELECT current_setting('server_version_num')::integer / 10000";
        let row = transaction.fetch_one(ask).await?;
        guard::require_version(row.try_get(0)?)?;
        transaction.execute(LOCK).await?;
        // Who may not create a schema can use one that is there.
        if !has_table(&mut transaction).await? {
            transaction.execute(sqlx::raw_sql(VERSIONS)).await?;
        }
        let version = version(&mut transaction).await?;
        SCHEMA.refuse_newer(version)?;
        for migration in MIGRATIONS.iter().skip(version) {
            transaction.execute(sqlx::raw_sql(*migration)).await?;
            failpoint::pass("postgres: within a migration");
            transaction.execute(INSERT_VERSION).await?;
        }
        transaction.commit().await?;
        Ok(())
    }

    /// Returns the SQL of all migrations, for those who apply their own. [`migrate`](Self::migrate) then finds nothing
    /// to do. It is for a database without the schema `eventful`.
    ///
    /// # Examples
    ///
    /// ```
    /// use eventful::store::Postgres;
    ///
    /// assert!(Postgres::schema().starts_with("CREATE SCHEMA"));
    /// ```
    #[must_use]
    pub fn schema() -> String {
        let migrations = MIGRATIONS
            .iter()
            .map(|migration| format!("\n{migration}\n{INSERT_VERSION};\n"));
        std::iter::once(format!("{VERSIONS};\n"))
            .chain(migrations)
            .collect()
    }
}

fn advice_of_migration(error: &sqlx::Error) -> Option<String> {
    let code = error.as_database_error().and_then(DatabaseError::code);
    // https://www.postgresql.org/docs/current/errcodes-appendix.html
    if code.as_deref() != Some("42501") {
        return advice(error);
    }
    let text = "the role may not make the schema `eventful`, or change what is in it: migrate as the owner of the \
                database, or of the schema, or have that role run the SQL of `Postgres::schema()`";
    Some(text.to_owned())
}

const INSERT_VERSION: &str =
    "INSERT INTO eventful.migration (version) SELECT count(*) + 1 FROM eventful.migration";

async fn has_table(connection: &mut PgConnection) -> Outcome<bool> {
    let row = connection.fetch_one("SELECT to_regclass('eventful.migration') IS NOT NULL");
    Ok(row.await?.try_get(0)?)
}

/// Fails unless the tables are there, in the version of this program.
pub(super) async fn require(connection: &mut PgConnection) -> Outcome<()> {
    let version = version(connection).await?;
    Ok(SCHEMA.require(version)?)
}

/// The version of the tables, from 1. 0 if there are none.
async fn version(connection: &mut PgConnection) -> Outcome<usize> {
    let row = connection.fetch_one("SELECT coalesce(max(version), 0) FROM eventful.migration");
    let version: i32 = row.await?.try_get(0)?;
    Ok(usize::try_from(version).unwrap_or(usize::MAX))
}
