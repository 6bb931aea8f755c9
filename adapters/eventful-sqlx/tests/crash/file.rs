//! A file of SQLite, as the harness needs it.

use eventful::durable::testing::crash::{Fallible, Place, Role, Row, Subject, Table, is_broken};
use eventful::store::{Sqlite, SqliteTransaction};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode};
use sqlx::{Row as _, SqliteConnection, SqlitePool};

pub(crate) struct File {
    pool: SqlitePool,
    store: Sqlite,
}

/// The tables of the harness. The row id is the order of the rows.
const TABLES: &str = "
    CREATE TABLE IF NOT EXISTS business (id TEXT NOT NULL, key TEXT, number INTEGER NOT NULL);
    CREATE TABLE IF NOT EXISTS effects (id TEXT NOT NULL, key TEXT, number INTEGER NOT NULL);
    CREATE TABLE IF NOT EXISTS counters (key TEXT PRIMARY KEY, number INTEGER NOT NULL);";

/// Publishers begin with the write lock, unless they are broken.
const BEGIN: &str = "BEGIN IMMEDIATE";

impl Subject for File {
    type Store = Sqlite;
    type Transaction = SqliteTransaction;
    type Connection = SqliteConnection;

    async fn open(place: &Place) -> Fallible<Self> {
        let options = SqliteConnectOptions::new()
            .filename(place.directory().join("crash.db"))
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            // Above the time for which a process is stopped.
            .busy_timeout(std::time::Duration::from_secs(10));
        let pool = SqlitePool::connect_with(options).await?;
        let mut transaction = pool.begin_with(BEGIN).await?;
        sqlx::raw_sql(TABLES).execute(&mut *transaction).await?;
        transaction.commit().await?;
        crate::broken::prepare(&pool).await?;
        let store = Sqlite::new(pool.clone());
        store.migrate().await?;
        Ok(Self { pool, store })
    }

    fn store(&self) -> Sqlite {
        self.store.clone()
    }

    async fn begin(&self) -> Fallible<SqliteTransaction> {
        if is_broken(crate::broken::DEFERRED) {
            return Ok(self.pool.begin().await?);
        }
        Ok(self.pool.begin_with(BEGIN).await?)
    }

    async fn commit(transaction: SqliteTransaction) -> Fallible<()> {
        Ok(transaction.commit().await?)
    }

    async fn count(connection: &mut SqliteConnection, key: &str) -> Fallible<i64> {
        // It reads before it writes, as programs do.
        let number: Option<i64> = sqlx::query_scalar("SELECT number FROM counters WHERE key = ?")
            .bind(key)
            .fetch_optional(&mut *connection)
            .await?;
        let number = number.unwrap_or(0) + 1;
        sqlx::query("INSERT OR REPLACE INTO counters (key, number) VALUES (?, ?)")
            .bind(key)
            .bind(number)
            .execute(connection)
            .await?;
        Ok(number)
    }

    async fn write(connection: &mut SqliteConnection, table: Table, row: &Row) -> Fallible<()> {
        let insert = match table {
            Table::Business => "INSERT INTO business (id, key, number) VALUES (?, ?, ?)",
            Table::Effects => "INSERT INTO effects (id, key, number) VALUES (?, ?, ?)",
        };
        sqlx::query(insert)
            .bind(row.id.to_string())
            .bind(&row.key)
            .bind(row.number)
            .execute(connection)
            .await?;
        Ok(())
    }

    async fn read(&self, table: Table) -> Fallible<Vec<Row>> {
        let select = match table {
            Table::Business => "SELECT id, key, number FROM business ORDER BY rowid",
            Table::Effects => "SELECT id, key, number FROM effects ORDER BY rowid",
        };
        let rows = sqlx::query(select).fetch_all(&self.pool).await?;
        let row = |row: &sqlx::sqlite::SqliteRow| -> Fallible<Row> {
            Ok(Row {
                id: row.try_get::<&str, _>(0)?.parse()?,
                key: row.try_get(1)?,
                number: row.try_get(2)?,
            })
        };
        rows.iter().map(row).collect()
    }

    async fn check(&self) -> Fallible<()> {
        let found: String = sqlx::query_scalar("PRAGMA integrity_check")
            .fetch_one(&self.pool)
            .await?;
        if found == "ok" {
            return Ok(());
        }
        Err(found.into())
    }

    fn failpoints(role: Role) -> &'static [&'static str] {
        match role {
            Role::Opener => &["sqlite: within a migration"],
            Role::Publisher => &["sqlite: after an append"],
            Role::Worker => &[
                "sqlite: within an acknowledgement",
                "sqlite: within a takeover",
                "sqlite: within a trim",
                "sqlite: before the commit of a handler",
                "sqlite: after the commit of a handler",
            ],
        }
    }
}
