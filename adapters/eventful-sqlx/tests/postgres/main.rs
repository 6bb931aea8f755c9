//! The store in a database of PostgreSQL. Without a server, its tests say that they skip: `postgres_support/server.rs`.

#![cfg(all(unix, feature = "postgres"))]

mod conformance;
mod helpers;
#[path = "../postgres_support/server.rs"]
mod server;
