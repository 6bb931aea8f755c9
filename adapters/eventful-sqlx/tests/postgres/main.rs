//! The store in a database of PostgreSQL. Without a server, its tests say that they skip: `postgres_support/server.rs`.

#![cfg(all(unix, feature = "postgres"))]

mod bad_input;
mod conformance;
mod drivers;
mod guide;
mod helpers;
mod pgbouncer;
#[path = "../postgres_support/server.rs"]
mod server;
mod support;
