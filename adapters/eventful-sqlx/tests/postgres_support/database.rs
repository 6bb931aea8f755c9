//! A database for one test, on the shared server.

use std::thread;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{AssertSqlSafe, ConnectOptions as _, PgConnection, PgPool};
use uuid::Uuid;

/// Begins the name of each database. The second at which it was created follows, then what makes it unique.
const PREFIX: &str = "eventful_test_";

/// No test takes as long.
const OLD: Duration = Duration::from_hours(6);

/// Connections of one pool: many tests run at a time, and a server as it is installed has 100.
const CONNECTIONS: u32 = 8;

/// An empty database, which goes when this is dropped, with every connection to it. The databases of a process that
/// was killed go when a later one looks for the server.
pub(crate) struct TestDatabase {
    name: String,
    server: PgConnectOptions,
    pub(crate) pool: PgPool,
}

impl TestDatabase {
    /// A new database on the shared server. `None` if there is no server: then the test has to return.
    pub(crate) async fn create() -> Option<Self> {
        let server = super::shared().await?;
        let name = format!("{PREFIX}{}_{}", now().as_secs(), Uuid::new_v4().simple());
        let create = AssertSqlSafe(format!("CREATE DATABASE {name}"));
        let mut connection = server.connect().await.expect("the shared server answers");
        sqlx::raw_sql(create)
            .execute(&mut connection)
            .await
            .expect("the user of the shared server may create a database");
        let options = server.clone().database(&name);
        let pool = PgPoolOptions::new().max_connections(CONNECTIONS);
        Some(Self {
            name,
            server,
            pool: pool.connect_lazy_with(options),
        })
    }

    /// For connections beside the pool.
    pub(crate) fn options(&self) -> PgConnectOptions {
        self.server.clone().database(&self.name)
    }

    /// For other processes.
    pub(crate) fn url(&self) -> String {
        self.options().to_url_lossy().into()
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        // The runtime of the test cannot wait here, and may be about to end.
        let (name, server) = (self.name.clone(), self.server.clone());
        let removed = thread::spawn(move || {
            let mut runtime = tokio::runtime::Builder::new_current_thread();
            let runtime = runtime.enable_all().build()?;
            runtime.block_on(async {
                let mut connection = server.connect().await?;
                let remove = format!("DROP DATABASE {name} WITH (FORCE)");
                sqlx::raw_sql(AssertSqlSafe(remove))
                    .execute(&mut connection)
                    .await
            })
        });
        match removed.join() {
            Ok(Ok(_)) => {}
            failed => eprintln!("the database {} remains: {failed:?}", self.name),
        }
    }
}

/// Removes the databases of processes that were killed.
pub(super) async fn remove_old(server: &mut PgConnection) {
    let names: Vec<String> =
        sqlx::query_scalar("SELECT datname FROM pg_database WHERE starts_with(datname, $1)")
            .bind(PREFIX)
            .fetch_all(&mut *server)
            .await
            .expect("the shared server lists its databases");
    for name in names.iter().filter(|name| is_old(name)) {
        // Another process may be faster, and a database that somebody looks into stays.
        let remove = format!("DROP DATABASE {name}");
        let _ = sqlx::raw_sql(AssertSqlSafe(remove))
            .execute(&mut *server)
            .await;
    }
}

fn is_old(name: &str) -> bool {
    let created = name
        .strip_prefix(PREFIX)
        .and_then(|rest| rest.split('_').next());
    created
        .and_then(|seconds| seconds.parse().ok())
        .is_some_and(|seconds| Duration::from_secs(seconds) + OLD < now())
}

fn now() -> Duration {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .expect("it is after 1970")
}
