//! The store in a database of PostgreSQL, under the crash harness: a program of its own, which starts itself again.
//! Without a server, its tests say that they skip: `postgres_support/server.rs`.

#![cfg(all(unix, feature = "postgres", feature = "failpoints"))]

mod broken;
mod database;
#[expect(
    dead_code,
    unused_imports,
    reason = "these tests need no clusters of their own"
)]
#[path = "../postgres_support/server.rs"]
mod server;
mod sound;

use eventful::durable::testing::crash;

use crate::database::Database;

/// The children, and nothing if it is run as a test.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn child() {
    crash::child::<Database>().await;
}
