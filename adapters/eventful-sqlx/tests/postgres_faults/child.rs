//! Workers in processes of their own.

use std::env;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use sqlx::postgres::PgConnectOptions;

use crate::shop::{Shop, pool};

/// The URL of the child's database.
const URL: &str = "EVENTFUL_FAULT_URL";
/// The file of its lines.
const LINES: &str = "EVENTFUL_FAULT_LINES";

/// A worker in another process. It is killed at the end.
pub(crate) struct WorkerProcess {
    child: Child,
}

impl WorkerProcess {
    pub(crate) fn start(shop: &Shop, url: &str) -> Self {
        Self::start_with(shop, url, |_| {})
    }

    /// Starts one whose process is prepared.
    pub(crate) fn start_with(shop: &Shop, url: &str, prepare: impl FnOnce(&mut Command)) -> Self {
        let mut command = Command::new(env::current_exe().expect("it has a path"));
        command
            .args(["--exact", "child::worker"])
            .env(URL, url)
            .env(LINES, shop.lines_file())
            .stdout(Stdio::null());
        prepare(&mut command);
        Self {
            child: command.spawn().expect("it can start itself"),
        }
    }

    pub(crate) fn stop(&self) {
        self.send("STOP");
    }

    pub(crate) fn go_on(&self) {
        self.send("CONT");
    }

    fn send(&self, signal: &str) {
        let kill = format!("kill -{signal} {}", self.child.id());
        let sent = Command::new("sh").args(["-c", &kill]).status();
        assert!(sent.expect("there is a shell").success());
    }
}

impl Drop for WorkerProcess {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The child, and nothing if it is run as a test.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn worker() {
    let (Ok(url), Some(lines)) = (env::var(URL), env::var_os(LINES)) else {
        return;
    };
    let options: PgConnectOptions = url.parse().expect("it is a URL");
    let shop = Shop::with_lines(pool().connect_lazy_with(options), &PathBuf::from(lines));
    let _worker = shop.worker().await;
    std::future::pending::<()>().await;
}
