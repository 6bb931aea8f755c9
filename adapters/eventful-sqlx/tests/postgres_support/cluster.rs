//! A cluster of a test's own, which may stop, crash and have a standby.

use std::fs;
use std::net::{Ipv4Addr, TcpListener};
use std::process;
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::{Duration, Instant};

use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{AssertSqlSafe, ConnectOptions as _, Decode, PgPool, Postgres, Type};
use tempfile::TempDir;

use super::postmaster::{Postmaster, Stop};
use super::programs::Programs;

/// A standby receives and replays within it, on a busy machine too.
const LIMIT: Duration = Duration::from_mins(1);
const PAUSE: Duration = Duration::from_millis(20);

/// Settings of every cluster. Without `fsync`, a crash of PostgreSQL loses nothing more, only one of the machine.
const SETTINGS: &[(&str, &str)] = &[
    ("listen_addresses", "127.0.0.1"),
    ("unix_socket_directories", ""),
    ("fsync", "off"),
    ("shared_buffers", "32MB"),
];

/// A server of PostgreSQL with its data in a temporary folder, on a port of its own. It ends with the value, and with
/// the process.
pub(crate) struct Cluster {
    /// `None` while it is stopped. It ends before its folder goes.
    postmaster: Option<Postmaster>,
    folder: TempDir,
    programs: Programs,
    port: u16,
}

impl Cluster {
    /// A new cluster, which runs, with these settings of `postgresql.conf`. `None` if there is no PostgreSQL: then the
    /// test has to return.
    ///
    /// # Panics
    ///
    /// If it does not start; and if there is no PostgreSQL, and it is required.
    pub(crate) async fn create(settings: &[(&str, &str)]) -> Option<Self> {
        let programs = match Programs::find() {
            Ok(programs) => programs,
            Err(reason) => {
                super::skip(&reason);
                return None;
            }
        };
        let mut cluster = Self::without_data(programs);
        let arguments = [
            "--pgdata=data",
            "--username=postgres",
            "--auth=trust",
            "--encoding=UTF8",
            "--locale=C",
        ];
        let arguments = [&arguments[..], &["--no-sync", "--no-instructions"]].concat();
        cluster
            .programs
            .run("initdb", &arguments, cluster.folder.path())
            .await;
        let file = cluster.folder.path().join("data/postgresql.conf");
        let mut text = fs::read_to_string(&file).expect("initdb writes it");
        for (name, value) in SETTINGS.iter().chain(settings) {
            // Of two lines for one setting, the last counts.
            text.extend([name, " = '", value, "'\n"]);
        }
        fs::write(&file, text).expect("the folder is writable");
        cluster.start().await;
        Some(cluster)
    }

    fn without_data(programs: Programs) -> Self {
        Self {
            postmaster: None,
            folder: programs.folder(),
            programs,
            port: free_port(),
        }
    }

    /// For connections to the database `postgres`, by a user who may do everything.
    pub(crate) fn options(&self) -> PgConnectOptions {
        self.url().parse().expect("it is a URL")
    }

    /// For other processes.
    pub(crate) fn url(&self) -> String {
        format!("postgres://postgres@127.0.0.1:{}/postgres", self.port)
    }

    /// A new pool. It finds by itself that the server has started anew.
    pub(crate) fn pool(&self) -> PgPool {
        PgPoolOptions::new().connect_lazy_with(self.options())
    }

    /// The lines that the server has written by now.
    pub(crate) fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join("log")).expect("a cluster that ran has a log")
    }

    /// Starts it after [`stop`](Self::stop), and waits until it answers.
    pub(crate) async fn start(&mut self) {
        assert!(self.postmaster.is_none(), "the cluster runs");
        let options = self.options();
        let postmaster = Postmaster::start(&self.programs, self.folder.path(), &options);
        self.postmaster = Some(postmaster.await);
    }

    /// Closes the connections, and stops it in order.
    pub(crate) async fn stop(&mut self) {
        self.end(Stop::Fast).await;
    }

    /// Crashes it, starts it again, and waits until it has recovered and answers.
    pub(crate) async fn restart_immediate(&mut self) {
        self.end(Stop::Immediate).await;
        self.start().await;
    }

    async fn end(&mut self, stop: Stop) {
        let postmaster = self.postmaster.take().expect("the cluster runs");
        postmaster.stop(stop).await;
    }

    /// A copy, which receives and replays what this one writes, until [`disconnect`](Self::disconnect).
    pub(crate) async fn standby(&self) -> Self {
        let mut standby = Self::without_data(self.programs.clone());
        let source = format!("--dbname={}", self.url());
        let arguments = [
            "--pgdata=data",
            "--write-recovery-conf",
            "--checkpoint=fast",
            "--no-sync",
            &source,
        ];
        self.programs
            .run("pg_basebackup", &arguments, standby.folder.path())
            .await;
        standby.start().await;
        standby
    }

    /// Waits until this standby has replayed what its primary has written by now.
    pub(crate) async fn catch_up(&self, primary: &Self) {
        let written: String = primary.ask("SELECT pg_current_wal_lsn()::text").await;
        let replayed = format!("SELECT pg_last_wal_replay_lsn() >= '{written}'");
        self.wait_for(&replayed).await;
    }

    /// Cuts this standby off from its primary: it lacks what the primary writes from now on, and so does what is
    /// promoted. To hold back the replay alone would not do, because a promotion replays everything received.
    pub(crate) async fn disconnect(&self) {
        let set = sqlx::query("ALTER SYSTEM SET primary_conninfo = ''");
        let mut connection = self.options().connect().await.expect("the cluster runs");
        set.execute(&mut connection)
            .await
            .expect("a superuser changes settings");
        let _: bool = self.ask("SELECT pg_reload_conf()").await;
        self.wait_for("SELECT NOT EXISTS (SELECT FROM pg_stat_wal_receiver)")
            .await;
    }

    /// Makes this standby a primary, with everything that it has received.
    pub(crate) async fn promote(&self) {
        let promoted: bool = self.ask("SELECT pg_promote()").await;
        assert!(promoted, "the standby is promoted within a minute");
    }

    /// Dumps the database, and restores it into another cluster, as with a move or after a loss.
    pub(crate) async fn dump_into(&self, other: &Self) {
        let folder = self.folder.path();
        let source = format!("--dbname={}", self.url());
        let dump = ["--file=dump.sql", &source];
        self.programs.run("pg_dump", &dump, folder).await;
        let target = format!("--dbname={}", other.url());
        let restore = [
            "--file=dump.sql",
            "--quiet",
            "--set=ON_ERROR_STOP=1",
            &target,
        ];
        self.programs.run("psql", &restore, folder).await;
    }

    async fn ask<T>(&self, question: &str) -> T
    where
        T: for<'row> Decode<'row, Postgres> + Type<Postgres> + Send + Unpin,
    {
        let mut connection = self.options().connect().await.expect("the cluster runs");
        let answer = sqlx::query_scalar(AssertSqlSafe(question))
            .fetch_one(&mut connection)
            .await;
        answer.unwrap_or_else(|error| panic!("{question}: {error}"))
    }

    async fn wait_for(&self, condition: &str) {
        let started = Instant::now();
        // Nothing was replayed yet where it is null.
        while self.ask::<Option<bool>>(condition).await != Some(true) {
            assert!(
                started.elapsed() < LIMIT,
                "it does not become true: {condition}"
            );
            tokio::time::sleep(PAUSE).await;
        }
    }
}

/// A port of no other server, and below those that a system gives to clients: a client that calls such a port again and
/// again while the server restarts may get it, and call itself.
fn free_port() -> u16 {
    static TRIED: AtomicU16 = AtomicU16::new(0);
    // Processes at a time begin at different ones.
    let first = u16::try_from(process::id() % 1_000).expect("it is below 1000") * 10;
    loop {
        let port = 20_000 + (first + TRIED.fetch_add(1, Ordering::Relaxed)) % 10_000;
        if TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok() {
            return port;
        }
    }
}
