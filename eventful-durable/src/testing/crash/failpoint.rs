//! Places at which a process aborts if the controller wants it to.

use std::sync::LazyLock;
use std::sync::atomic::{AtomicI64, Ordering};

use super::environment;
use super::ledger::append_line;

/// The place that the controller has chosen for this process.
static WANTED: LazyLock<Option<Wanted>> = LazyLock::new(|| {
    let text = environment::failpoint()?;
    let (passages, point) = text.split_once(' ')?;
    Some(Wanted {
        point: point.to_owned(),
        left: AtomicI64::new(passages.parse().ok()?),
    })
});

struct Wanted {
    point: String,
    left: AtomicI64,
}

/// Aborts the process if the controller wants it to die at this passage of this point.
///
/// A store calls it within its steps, where no wrapper around the store can: see [`Subject::failpoints`]. In a process
/// that is no child of a controller it does nothing.
///
/// [`Subject::failpoints`]: super::Subject::failpoints
pub fn pass(point: &str) {
    if is_due(point) {
        std::process::abort();
    }
}

/// Counts a passage. Returns true, and writes down the hit, if it is the one.
pub(super) fn is_due(point: &str) -> bool {
    let Some(wanted) = &*WANTED else {
        return false;
    };
    let is_due = wanted.point == point && wanted.left.fetch_sub(1, Ordering::Relaxed) == 1;
    if is_due && let Some(directory) = environment::directory() {
        append_line(&directory.join("failpoints"), point);
    }
    is_due
}
