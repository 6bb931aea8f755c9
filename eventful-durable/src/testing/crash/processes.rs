//! The processes of a run, as their controller has them.

use std::os::unix::process::ExitStatusExt as _;
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use super::environment;

/// Starts the children of one run.
pub(super) struct Starter {
    pub(super) command: Box<dyn Fn() -> Command + Send>,
    pub(super) directory: PathBuf,
    pub(super) broken: String,
    pub(super) load: String,
}

/// The start of a child.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Start<'a> {
    pub(super) role: &'a str,
    pub(super) seed: u64,
    /// The place at which it aborts, and at which passage.
    pub(super) failpoint: Option<(&'a str, u64)>,
}

/// A child. It is killed if it is dropped.
pub(super) struct Process {
    child: Child,
    stopped_until: Option<Instant>,
}

/// The end of a child that nobody has killed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// It has ended as it should.
    Done,
    /// It has aborted.
    Aborted,
    /// It has failed.
    Failed(ExitStatus),
}

impl Starter {
    pub(super) fn start(&self, start: Start<'_>) -> Process {
        let mut command = (self.command)();
        command
            .env(environment::ROLE, start.role)
            .env(environment::DIRECTORY, &self.directory)
            .env(environment::SEED, start.seed.to_string())
            .env(environment::BROKEN, &self.broken)
            .env(environment::LOAD, &self.load)
            // It ends when the controller does: see `child`.
            .stdin(Stdio::piped())
            .stdout(Stdio::null());
        match start.failpoint {
            Some((point, passage)) => {
                command.env(environment::FAILPOINT, format!("{passage} {point}"))
            }
            None => command.env_remove(environment::FAILPOINT),
        };
        let child = command.spawn();
        Process {
            child: child.expect("a child can be started"),
            stopped_until: None,
        }
    }
}

impl Process {
    pub(super) fn id(&self) -> u32 {
        self.child.id()
    }

    pub(super) fn is_stopped(&self) -> bool {
        self.stopped_until.is_some()
    }

    /// Kills it without a warning. Returns `false` if it had ended before.
    pub(super) fn kill(&mut self) -> bool {
        let had_ended = self.end().is_some();
        // It fails for one that has ended.
        let _ = self.child.kill();
        self.child.wait().expect("a child can be waited for");
        !had_ended
    }

    /// Stops it for so long.
    pub(super) fn stop(&mut self, time: Duration) {
        self.signal("STOP");
        self.stopped_until = Some(Instant::now() + time);
    }

    /// Lets it go on if its time is over.
    pub(super) fn go_on_if_due(&mut self) {
        if self
            .stopped_until
            .is_some_and(|until| until <= Instant::now())
        {
            self.signal("CONT");
            self.stopped_until = None;
        }
    }

    /// Its end, if it has ended.
    pub(super) fn end(&mut self) -> Option<End> {
        const ABORT: i32 = 6;
        let status = self.child.try_wait().expect("a child can be waited for")?;
        Some(match (status.success(), status.signal()) {
            (true, _) => End::Done,
            (false, Some(ABORT)) => End::Aborted,
            (false, _) => End::Failed(status),
        })
    }

    /// Waits for its end. `None` if it has not come in time.
    pub(super) async fn end_within(&mut self, time: Duration) -> Option<End> {
        let began = Instant::now();
        loop {
            let end = self.end();
            if end.is_some() || began.elapsed() > time {
                return end;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// The shell has a `kill` wherever there are signals.
    fn signal(&self, name: &str) {
        let kill = format!("kill -{name} {}", self.id());
        let sent = Command::new("sh").args(["-c", &kill]).status();
        let sent = sent.expect("there is a shell");
        assert!(sent.success(), "`{kill}` failed");
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // Also one that is stopped.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
