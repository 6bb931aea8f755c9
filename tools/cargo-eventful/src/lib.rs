//! The command `cargo eventful`: the wiring of a built program, read from its file.
//!
//! Each `#[event]`, `#[handler]` and `#[family]` leaves a [record](eventful_wiring::inspect) in the program. This
//! builds the program with cargo if it has to, reads the records, and never runs it.

mod cargo;
mod check;
mod command;
mod diff;
mod explain;
mod failure;
mod graph;
mod link_line;
mod linked;
mod list;
mod names;
mod object_file;
mod options;
mod outcome;
mod program;
mod snapshot;
mod sources;

pub use self::command::run;
