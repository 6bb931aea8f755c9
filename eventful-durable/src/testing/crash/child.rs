//! The children of a run.

use std::io::Read as _;
use std::process::Command;

use super::environment;
use super::load::Load;
use super::random::Random;
use super::{Place, Role, Subject, poison, publisher, worker};

/// Does the work of a child, if this process is one, and does not return then. Returns at once if it is none.
///
/// # Panics
///
/// If the database cannot be opened. The controller reports a child that has ended by itself.
pub async fn child<S: Subject>() {
    let (Some(role), Some(directory)) = (environment::role(), environment::directory()) else {
        return;
    };
    end_with_the_controller();
    let connections = match role.as_str() {
        PUBLISHER => Load::of_this_process().connections,
        _ => Place::CONNECTIONS,
    };
    let place = Place {
        directory,
        connections,
    };
    let subject = S::open(&place).await.expect("the database can be opened");
    let random = Random::new(environment::seed().unwrap_or_default());
    match role.as_str() {
        OPENER => worker::register(&subject, &place, random).await,
        PUBLISHER => publisher::run(subject, &place, random).await,
        LONG_PUBLISHER => publisher::run_long(subject, &place, random).await,
        WORKER => worker::run(&subject, &place, random).await,
        DRAINER => worker::drain(&subject, &place, random).await,
        POISONED => poison::run_worker(&subject, &place).await,
        role => panic!("`{role}` is no role"),
    }
    std::process::exit(0);
}

pub(super) const OPENER: &str = "opener";
pub(super) const PUBLISHER: &str = "publisher";
pub(super) const LONG_PUBLISHER: &str = "long publisher";
pub(super) const WORKER: &str = "worker";
pub(super) const DRAINER: &str = "drainer";
pub(super) const POISONED: &str = "poisoned";

impl Role {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Opener => OPENER,
            Self::Publisher => PUBLISHER,
            Self::Worker => WORKER,
        }
    }
}

/// Returns what starts a test of this test program, by its whole name, as a child.
///
/// # Examples
///
/// ```
/// use eventful_durable::testing::crash;
///
/// let command = crash::test("tests::child");
/// let command = command();
/// assert!(command.get_args().any(|argument| argument == "tests::child"));
/// ```
///
/// # Panics
///
/// The returned function panics if this program has no path.
pub fn test(name: &'static str) -> impl Fn() -> Command + Send + 'static {
    move || {
        let program = std::env::current_exe().expect("this program has a path");
        let mut command = Command::new(program);
        command.args([name, "--exact", "--nocapture", "--include-ignored"]);
        command
    }
}

/// The controller holds the other end of the standard input: it closes if the controller is killed.
fn end_with_the_controller() {
    std::thread::spawn(|| {
        // Nothing is ever written to it.
        let _ = std::io::stdin().read_to_end(&mut Vec::new());
        std::process::exit(0);
    });
}
