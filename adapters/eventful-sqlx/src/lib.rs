//! Stores for the durable events of `eventful`, over [sqlx](https://docs.rs/sqlx): a program's own database holds its
//! events, and hands them to its workers.
//!
//! Depend on `eventful-framework` with the feature `sqlite`, which re-exports this crate as `eventful::store`.

#[cfg(feature = "sqlite")]
mod sqlite;

#[cfg(feature = "sqlite")]
pub use self::sqlite::{Sqlite, SqliteTransaction};
