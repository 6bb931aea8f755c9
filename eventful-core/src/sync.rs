//! The synchronisation primitives of the files that `tests/loom.rs` models, which gives them loom's instead.

pub(crate) use std::sync::atomic::{AtomicU32, Ordering};
pub(crate) use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
