//! Servers of PostgreSQL for tests: one that they share, with a database for each test, and clusters of a test's own.
//! Where there is none, a test says that it skips, and returns:
//!
//! ```ignore
//! let Some(database) = TestDatabase::create().await else {
//!     return;
//! };
//! ```
//!
//! | variable | meaning |
//! |---|---|
//! | `EVENTFUL_POSTGRES_URL` | the shared server, by a user who may create databases; else [`DEFAULT_URL`] |
//! | `EVENTFUL_REQUIRE_POSTGRES=1` | a test fails where it would skip |

mod cluster;
mod database;
mod postmaster;
mod programs;

use std::env;
use std::io::{self, Write as _};
use std::thread;

use sqlx::postgres::PgConnectOptions;
use sqlx::{ConnectOptions as _, Connection as _};
use tokio::sync::OnceCell;

pub(crate) use self::cluster::Cluster;
pub(crate) use self::database::TestDatabase;

/// A server as Debian installs it, which trusts its own machine.
const DEFAULT_URL: &str = "postgres://postgres@127.0.0.1:5432/postgres";

/// The server that tests share. `None` if nobody answers there: then the test has to return.
///
/// # Panics
///
/// If nobody answers, and a server is required.
pub(crate) async fn shared() -> Option<PgConnectOptions> {
    // Looked for once: a server that goes away later fails the tests.
    static SHARED: OnceCell<Result<PgConnectOptions, String>> = OnceCell::const_new();
    match SHARED.get_or_init(find).await {
        Ok(server) => Some(server.clone()),
        Err(reason) => {
            skip(reason);
            None
        }
    }
}

async fn find() -> Result<PgConnectOptions, String> {
    let url = env::var("EVENTFUL_POSTGRES_URL").unwrap_or_else(|_| DEFAULT_URL.to_owned());
    let server: PgConnectOptions = url
        .parse()
        .unwrap_or_else(|error| panic!("EVENTFUL_POSTGRES_URL is no URL of PostgreSQL: {error}"));
    match server.connect().await {
        Ok(mut connection) => {
            database::remove_old(&mut connection).await;
            connection
                .close()
                .await
                .expect("a connection can be closed");
            Ok(server)
        }
        Err(error) => Err(format!(
            "no server of PostgreSQL at {}:{} ({error}); set EVENTFUL_POSTGRES_URL to the URL of one",
            server.get_host(),
            server.get_port(),
        )),
    }
}

/// Says that the test on this thread skips, and why.
///
/// # Panics
///
/// If no test may skip.
pub(crate) fn skip(reason: &str) {
    let required = env::var("EVENTFUL_REQUIRE_POSTGRES").is_ok_and(|value| value == "1");
    assert!(
        !required,
        "EVENTFUL_REQUIRE_POSTGRES=1, but there is {reason}"
    );
    let thread = thread::current();
    let test = thread.name().filter(|name| *name != "main");
    let test = test.unwrap_or("a test");
    // `eprintln!` would show it only if the test failed.
    let _ = writeln!(io::stderr(), "SKIPPED: {test}: there is {reason}");
}
