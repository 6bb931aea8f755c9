//! The example of durable events, as two processes on one database of PostgreSQL.
//!
//! The server is that of `adapters/eventful-sqlx/tests/postgres_support/`: `EVENTFUL_POSTGRES_URL` names another than
//! the local one, and with `EVENTFUL_REQUIRE_POSTGRES=1` the test fails where it would skip.

use std::env;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdout, Stdio};
use std::time::{Duration, Instant};

use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _};

use super::{example, folder};

const LIMIT: Duration = Duration::from_secs(120);

/// A process of the example, which ends with the value.
struct Process {
    child: Child,
    stdout: BufReader<ChildStdout>,
}

impl Process {
    fn start(url: &str, file: &Path, mails_take: &str) -> Self {
        let mut command = example("durable");
        command.args(["--store", url, "--mails-take", mails_take]);
        command.arg("--file").arg(file).stdout(Stdio::piped());
        let mut child = command.spawn().expect("the example can be started");
        let stdout = child.stdout.take().expect("it is a pipe");
        Self {
            child,
            stdout: BufReader::new(stdout),
        }
    }

    /// Reads up to the line that has these words.
    fn read_to(&mut self, words: &str) {
        let mut text = String::new();
        while !text.contains(words) {
            let read = self.stdout.read_line(&mut text).expect("it is text");
            assert_ne!(read, 0, "{words:?} is not in\n{text}");
        }
    }

    /// Waits for its end, and returns the rest of what it prints.
    fn rest(mut self) -> String {
        let started = Instant::now();
        let status = loop {
            if let Some(status) = self.child.try_wait().expect("it is ours") {
                break status;
            }
            assert!(started.elapsed() < LIMIT, "it does not go on");
            std::thread::sleep(Duration::from_millis(20));
        };
        let mut text = String::new();
        let read = self.stdout.read_to_string(&mut text);
        read.expect("it is text");
        assert!(status.success(), "{text}");
        text
    }
}

impl Drop for Process {
    /// As `kill -9` does.
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The shared server. `None` if nobody answers there: then the test has to return.
async fn server() -> Option<PgConnectOptions> {
    let url = env::var("EVENTFUL_POSTGRES_URL");
    let url = url.unwrap_or_else(|_| "postgres://postgres@127.0.0.1:5432/postgres".to_owned());
    let server: PgConnectOptions = url.parse().expect("it is a URL of PostgreSQL");
    let Err(error) = server.connect().await else {
        return Some(server);
    };
    let is_required = env::var("EVENTFUL_REQUIRE_POSTGRES").is_ok_and(|value| value == "1");
    assert!(!is_required, "there is no server of PostgreSQL: {error}");
    // `eprintln!` would show it only if the test failed.
    let _ = writeln!(
        std::io::stderr(),
        "SKIPPED: there is no server of PostgreSQL: {error}"
    );
    None
}

async fn run(server: &PgConnectOptions, statement: String) {
    let mut connection = server.connect().await.expect("the server answers");
    let done = sqlx::raw_sql(AssertSqlSafe(statement));
    let done = done.execute(&mut connection).await;
    done.expect("the user may create databases");
    connection.close().await.expect("it can be closed");
}

#[tokio::test]
async fn a_replica_goes_on_where_another_was_killed() {
    let Some(server) = server().await else {
        return;
    };
    let database = format!("eventful_example_{}", std::process::id());
    run(&server, format!("CREATE DATABASE {database}")).await;
    let url = server.clone().database(&database).to_url_lossy();
    let file = folder("durable_replicas").join("shop");

    // It has handlers in hand, and has sent no mail yet.
    let mut first = Process::start(url.as_str(), &file, "20000");
    first.read_to("  stock  order 1005");
    let mut second = Process::start(url.as_str(), &file, "0");
    second.read_to("  0 placed now, 5 by an earlier run");
    second.read_to("another run has");
    drop(first);
    let text = second.rest();
    let sent = text
        .lines()
        .filter(|line| line.contains(": sent, attempt "));
    assert_eq!(sent.count(), 4, "{text}");
    for line in [
        "  reserved       5",
        "  mailed         4, 2 of them after a retry",
        "  in the audit   5",
        "  dead letters   1",
        "  reservation    none",
        "  mail           none",
    ] {
        assert!(text.contains(&format!("{line}\n")), "{line:?}\n{text}");
    }
    run(&server, format!("DROP DATABASE {database} WITH (FORCE)")).await;
}
