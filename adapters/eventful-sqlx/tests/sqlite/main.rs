//! The store in a file of SQLite.

#![cfg(feature = "sqlite")]

mod bad_input;
mod conformance;
mod delivery;
mod guide;
mod shop;
mod slow;
mod support;
