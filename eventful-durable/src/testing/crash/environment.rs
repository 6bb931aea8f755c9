//! Variables of the environment by which a controller tells its children something, and people tell a controller.

use std::env;
use std::path::PathBuf;
use std::time::Duration;

/// The role of a child.
pub(super) const ROLE: &str = "EVENTFUL_CRASH_ROLE";
/// The directory of the run.
pub(super) const DIRECTORY: &str = "EVENTFUL_CRASH_DIRECTORY";
/// The seed of a child, or of a run.
pub(super) const SEED: &str = "EVENTFUL_CRASH_SEED";
/// The failpoint of a child: the number of the passage, and the point.
pub(super) const FAILPOINT: &str = "EVENTFUL_CRASH_FAILPOINT";
/// The faults of this process, divided by commas.
pub(super) const BROKEN: &str = "EVENTFUL_CRASH_BROKEN";
/// The load of a run.
pub(super) const LOAD: &str = "EVENTFUL_CRASH_LOAD";
/// The time of a run.
pub(super) const SECONDS: &str = "EVENTFUL_CRASH_SECONDS";

pub(super) fn role() -> Option<String> {
    env::var(ROLE).ok()
}

pub(super) fn directory() -> Option<PathBuf> {
    env::var_os(DIRECTORY).map(PathBuf::from)
}

pub(super) fn failpoint() -> Option<String> {
    env::var(FAILPOINT).ok()
}

/// The names of the faults of this process.
pub(super) fn broken() -> Vec<String> {
    let names = env::var(BROKEN).unwrap_or_default();
    names.split(',').map(str::to_owned).collect()
}

pub(super) fn load() -> Option<String> {
    env::var(LOAD).ok()
}

pub(super) fn seed() -> Option<u64> {
    number(SEED)
}

pub(super) fn seconds() -> Option<Duration> {
    number(SECONDS).map(Duration::from_secs)
}

fn number(name: &str) -> Option<u64> {
    let text = env::var(name).ok()?;
    let number = text.parse();
    Some(number.unwrap_or_else(|_| panic!("`{name}` is no number: {text}")))
}
