//! The store in a file of SQLite, under the crash harness: a program of its own, which starts itself again.

#![cfg(all(unix, feature = "sqlite", feature = "failpoints"))]

mod broken;
mod file;
mod sound;

use eventful::durable::testing::crash;

use crate::file::File;

/// The children, and nothing if it is run as a test.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn child() {
    crash::child::<File>().await;
}

/// One run at a time: each has more processes than a machine of ours has cores.
async fn alone() -> tokio::sync::MutexGuard<'static, ()> {
    static ALONE: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());
    ALONE.lock().await
}
