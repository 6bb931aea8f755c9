//! The store in a database of PostgreSQL, under faults of the database and of the processes that use it. A program of
//! its own, which starts itself again. Without a server, its tests say that they skip: `postgres_support/server.rs`.
//!
//! | variable | meaning |
//! |---|---|
//! | `EVENTFUL_FAULT_SECONDS` | the time for which a test makes faults, where it makes many; a few seconds by default |
//! | `EVENTFUL_FAULT_EVENTS` | the number of events of an import; 500,000 by default |

#![cfg(all(unix, feature = "postgres", feature = "failpoints"))]

mod child;
mod clock;
mod disk;
mod failover;
mod fault;
mod forwarder;
mod gate;
mod import;
mod isolation;
mod lines;
mod notices;
mod pool;
mod prepared;
mod restarts;
mod schedule;
#[path = "../postgres_support/server.rs"]
#[expect(dead_code, reason = "the tests of the store use the rest")]
mod server;
mod shop;
mod snapshot;
mod stops;
mod verdict;

use std::env;
use std::io::{self, Write as _};
use std::time::Duration;

/// Says that the test on this thread skips, and why.
fn skip(reason: &str) {
    // `eprintln!` would show it only if the test failed.
    let _ = writeln!(io::stderr(), "SKIPPED: {reason}");
}

/// The time for which a test makes faults.
fn fault_time(default: Duration) -> Duration {
    let Ok(seconds) = env::var("EVENTFUL_FAULT_SECONDS") else {
        return default;
    };
    let seconds = seconds.parse().expect("EVENTFUL_FAULT_SECONDS is a number");
    Duration::from_secs(seconds)
}
