//! Stores for the durable events of `eventful`, over [sqlx](https://docs.rs/sqlx): a program's own database holds its
//! events, and hands them to its workers.
//!
//! Depend on `eventful-framework` with the feature `sqlite` or `postgres`, which re-exports this crate as
//! `eventful::store`. The features `tokio-postgres` and `diesel-async` are for programs that publish over those
//! drivers.

#[cfg(any(feature = "postgres", feature = "sqlite"))]
mod failpoint;
#[cfg(any(feature = "postgres", feature = "sqlite"))]
mod failure;
#[cfg(feature = "postgres")]
mod postgres;
#[cfg(any(feature = "postgres", feature = "sqlite"))]
mod schema;
#[cfg(feature = "sqlite")]
mod sqlite;
#[cfg(any(feature = "postgres", feature = "sqlite"))]
mod text;

#[cfg(feature = "postgres")]
pub use self::postgres::{Postgres, PostgresTransaction, Unnamed};
#[cfg(feature = "sqlite")]
pub use self::sqlite::{Sqlite, SqliteTransaction};
