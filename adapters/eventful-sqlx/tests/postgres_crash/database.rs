//! A database of PostgreSQL, as the harness needs it.

use std::env;
use std::process::Command;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use eventful::durable::testing::crash::{
    self, Fallible, Place, Report, Role, Row, Run, Subject, Table,
};
use eventful::store::{Postgres, PostgresTransaction};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{PgConnection, PgPool, Row as _};

use crate::server::TestDatabase;

/// Names the database of the run to a child.
const URL: &str = "EVENTFUL_CRASH_POSTGRES_URL";

/// The URL of the database of the run, in the controller.
static OF_THE_RUN: Mutex<Option<String>> = Mutex::new(None);

/// Makes a run in a database of its own. One at a time: each has more processes than a machine of ours has cores.
/// `None` if there is no server: then the test has to return.
pub(crate) async fn run(with: impl Fn(Run) -> Run) -> Option<Report> {
    let _alone = alone().await;
    let database = TestDatabase::create().await?;
    let run = with(Run::new(children_of(&database)));
    let report = run.run::<Database>().await;
    println!("{report}");
    if !report.is_sound() {
        println!("{:?}", report.faults());
    }
    Some(report)
}

/// The same for an event that kills its worker.
pub(crate) async fn poison(with: impl Fn(Run) -> Run) -> Option<crash::PoisonReport> {
    let _alone = alone().await;
    let database = TestDatabase::create().await?;
    let run = with(Run::new(children_of(&database)));
    let report = run.poison::<Database>().await;
    println!("{report}");
    Some(report)
}

async fn alone() -> tokio::sync::MutexGuard<'static, ()> {
    static ALONE: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());
    ALONE.lock().await
}

fn children_of(database: &TestDatabase) -> impl Fn() -> Command + Send + 'static {
    let url = database.url();
    *OF_THE_RUN.lock().unwrap_or_else(PoisonError::into_inner) = Some(url.clone());
    let child = crash::test("child");
    move || {
        let mut command = child();
        command.env(URL, &url);
        command
    }
}

fn url() -> Option<String> {
    let of_the_run = OF_THE_RUN.lock().unwrap_or_else(PoisonError::into_inner);
    of_the_run.clone().or_else(|| env::var(URL).ok())
}

pub(crate) struct Database {
    pool: PgPool,
    store: Postgres,
}

/// The tables of the harness. `row` is the order of the rows of a key, whose transactions follow each other.
const TABLES: &str = "
    CREATE TABLE IF NOT EXISTS business (
        row bigint GENERATED ALWAYS AS IDENTITY, id uuid NOT NULL, key text, number bigint NOT NULL);
    CREATE TABLE IF NOT EXISTS effects (
        row bigint GENERATED ALWAYS AS IDENTITY, id uuid NOT NULL, key text, number bigint NOT NULL);
    CREATE TABLE IF NOT EXISTS counters (key text PRIMARY KEY, number bigint NOT NULL);";

impl Subject for Database {
    type Store = Postgres;
    type Transaction = PostgresTransaction;
    type Connection = PgConnection;

    async fn open(place: &Place) -> Fallible<Self> {
        let url = url().ok_or("a run has a database")?;
        let options: PgConnectOptions = url.parse()?;
        // The server sees that a process was killed, also while it waits for a lock.
        let options = options.options([("client_connection_check_interval", "100ms")]);
        let pool = PgPoolOptions::new()
            .max_connections(u32::try_from(place.connections())?)
            // Above the time for which a process is stopped.
            .acquire_timeout(Duration::from_secs(30))
            .connect_with(options)
            .await?;
        sqlx::raw_sql(TABLES).execute(&pool).await?;
        let store = Postgres::new(pool.clone());
        store.migrate().await?;
        crate::broken::prepare(&pool).await?;
        Ok(Self { pool, store })
    }

    fn store(&self) -> Postgres {
        self.store.clone()
    }

    async fn begin(&self) -> Fallible<PostgresTransaction> {
        Ok(self.pool.begin().await?)
    }

    async fn commit(transaction: PostgresTransaction) -> Fallible<()> {
        Ok(transaction.commit().await?)
    }

    async fn count(connection: &mut PgConnection, key: &str) -> Fallible<i64> {
        let count = sqlx::query_scalar(
            "INSERT INTO counters (key, number) VALUES ($1, 1)
             ON CONFLICT (key) DO UPDATE SET number = counters.number + 1 RETURNING number",
        );
        Ok(count.bind(key).fetch_one(connection).await?)
    }

    async fn write(connection: &mut PgConnection, table: Table, row: &Row) -> Fallible<()> {
        let insert = match table {
            Table::Business => "INSERT INTO business (id, key, number) VALUES ($1, $2, $3)",
            Table::Effects => "INSERT INTO effects (id, key, number) VALUES ($1, $2, $3)",
        };
        let insert = sqlx::query(insert).bind(row.id);
        insert
            .bind(&row.key)
            .bind(row.number)
            .execute(connection)
            .await?;
        Ok(())
    }

    async fn read(&self, table: Table) -> Fallible<Vec<Row>> {
        let select = match table {
            Table::Business => "SELECT id, key, number FROM business ORDER BY row",
            Table::Effects => "SELECT id, key, number FROM effects ORDER BY row",
        };
        let rows = sqlx::query(select).fetch_all(&self.pool).await?;
        let row = |row: &sqlx::postgres::PgRow| -> Fallible<Row> {
            Ok(Row {
                id: row.try_get(0)?,
                key: row.try_get(1)?,
                number: row.try_get(2)?,
            })
        };
        rows.iter().map(row).collect()
    }

    /// Each event of the log has a position, and none is missing between the first and the last.
    async fn check(&self) -> Fallible<()> {
        let (without, missing): (i64, i64) = sqlx::query_as(
            "SELECT (SELECT count(*) FROM eventful.log l
                 WHERE NOT EXISTS (SELECT FROM eventful.position o WHERE o.seq = l.seq)),
                 (SELECT max(position) - min(position) + 1 - count(*) FROM eventful.position)",
        )
        .fetch_one(&self.pool)
        .await?;
        if (without, missing) == (0, 0) {
            return Ok(());
        }
        Err(format!("{without} events have no position, {missing} positions are missing").into())
    }

    fn failpoints(role: Role) -> &'static [&'static str] {
        match role {
            Role::Opener => &["postgres: within a migration"],
            Role::Publisher => &["postgres: after an append"],
            Role::Worker => &[
                "postgres: before the commit of a handler",
                "postgres: after the commit of a handler",
            ],
        }
    }
}
