//! The process of a server, which ends with the test.

use std::fs::File;
use std::io::Write as _;
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::time::{Duration, Instant};

use sqlx::ConnectOptions as _;
use sqlx::postgres::PgConnectOptions;

use super::programs::Programs;

/// A server starts and stops within it, on a busy machine too.
const LIMIT: Duration = Duration::from_mins(1);
const PAUSE: Duration = Duration::from_millis(20);

/// Runs a server, and sends it the signal that it reads. At the end of the input, which comes when the test's process
/// has died, it is the signal for an immediate end.
const GUARD: &str = r#"
exec 3<&0
"$@" 3<&- & server=$!
{ read -r signal <&3; kill -s "${signal:-QUIT}" "$server"; } & reader=$!
exec 3<&-
wait "$server"; status=$?
kill "$reader" 2>/dev/null
exit "$status""#;

/// The ways to stop, by their signals.
#[derive(Clone, Copy, Debug)]
pub(super) enum Stop {
    /// Closes connections, and writes a checkpoint.
    Fast,
    /// Loses what is not in the log, as a crash does; the next start recovers.
    Immediate,
}

pub(super) struct Postmaster {
    guard: Child,
    /// Empty once the guard was told to end the server.
    signal: Option<ChildStdin>,
}

impl Postmaster {
    /// Starts a server on the data in a folder, and waits until it answers.
    pub(super) async fn start(
        programs: &Programs,
        folder: &Path,
        options: &PgConnectOptions,
    ) -> Self {
        let log_file = folder.join("log");
        let log = File::options().append(true).create(true).open(&log_file);
        let log = log.expect("the folder is writable");
        let mut command: Command = programs.command("sh", folder);
        command
            .args(["-c", GUARD, "guard"])
            .arg(programs.path("postgres"));
        command.args(["-D", "data", "-p", &options.get_port().to_string()]);
        command.stdin(Stdio::piped());
        command.stdout(log.try_clone().expect("a file can be shared"));
        command.stderr(log);
        let mut guard = command.spawn().expect("there is a shell");
        let signal = guard.stdin.take();
        let mut postmaster = Self { guard, signal };
        if let Err(reason) = postmaster.wait_until_it_answers(options).await {
            let log = std::fs::read_to_string(log_file).unwrap_or_default();
            panic!("the cluster does not start, {reason}; its log:\n{log}");
        }
        postmaster
    }

    async fn wait_until_it_answers(&mut self, options: &PgConnectOptions) -> Result<(), String> {
        let started = Instant::now();
        loop {
            if let Some(status) = self.ended() {
                return Err(format!("it ended with {status}"));
            }
            match options.connect().await {
                Ok(_) => return Ok(()),
                Err(error) if started.elapsed() > LIMIT => return Err(error.to_string()),
                Err(_) => tokio::time::sleep(PAUSE).await,
            }
        }
    }

    /// Stops it, and waits until it has ended.
    pub(super) async fn stop(mut self, stop: Stop) {
        let signal = match stop {
            Stop::Fast => "INT",
            Stop::Immediate => "QUIT",
        };
        let mut guard = self.signal.take().expect("it was not stopped");
        writeln!(guard, "{signal}").expect("the guard reads");
        let started = Instant::now();
        while self.ended().is_none() {
            assert!(
                started.elapsed() < LIMIT,
                "the cluster does not stop: {stop:?}"
            );
            tokio::time::sleep(PAUSE).await;
        }
    }

    fn ended(&mut self) -> Option<std::process::ExitStatus> {
        self.guard
            .try_wait()
            .expect("the guard is a child of this process")
    }
}

impl Drop for Postmaster {
    fn drop(&mut self) {
        // An immediate end, which takes five seconds at most.
        self.signal = None;
        let _ = self.guard.wait();
    }
}
