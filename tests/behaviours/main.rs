//! The behaviour of a program at run time: a file or a folder for each subject, named as in the guide.
//!
//! A test whose name begins with a number, such as `r12_…`, is the test of that rule of `tests/BEHAVIOURS.md`. Every
//! handler here is linked into this program, so each test builds the bus that it needs.

mod asynchronous;
mod builder;
#[cfg(feature = "tracing")]
mod cancellation;
mod current;
mod delivery;
mod errors;
mod families;
mod forms;
mod generic;
mod guards;
mod hand_over;
mod lent;
mod listing;
mod logging;
mod methods;
mod nesting;
mod observers;
mod order;
mod pending;
mod publishing;
mod resources;
mod returned;
mod table;
mod testing;
mod threads;

// What the tests share.
mod executor;
mod log_recorder;
mod trace;

use trace::Trace;
