//! The store in a file of SQLite.

#![cfg(feature = "sqlite")]

mod conformance;
mod support;
