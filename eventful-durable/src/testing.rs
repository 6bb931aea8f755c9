//! Tests of handlers that run durably, and of stores.
//!
//! A test builds its worker over a [`Memory`](crate::Memory), publishes, and calls
//! [`run_until_idle`](crate::Worker::run_until_idle). Time is tokio's paused time, or is moved by hand with
//! [`Memory::move_clock`](crate::Memory::move_clock).

pub mod conformance;
#[cfg(all(unix, feature = "crash"))]
pub mod crash;
mod faulty;
mod kit;

pub use self::faulty::{Fault, FaultyStore, Step};
#[cfg(all(unix, feature = "crash"))]
pub(crate) use self::faulty::{Lies, Witness};
pub use self::kit::{Expect, crash_between, deliver_twice};
