//! Durable events from the publish to the handler, on real buses, over a store in memory. A test whose name begins with
//! a number, such as `r129_…`, is the test of that rule of `BEHAVIOURS.md`.

#[path = "end_to_end/decoding.rs"]
mod decoding;
#[path = "end_to_end/delivery.rs"]
mod delivery;
#[path = "end_to_end/failure.rs"]
mod failure;
#[path = "end_to_end/late.rs"]
mod late;
#[path = "end_to_end/lines.rs"]
mod lines;
#[path = "end_to_end/log.rs"]
mod log;
#[path = "end_to_end/on_dead.rs"]
mod on_dead;
#[path = "end_to_end/registration.rs"]
mod registration;
#[path = "end_to_end/spans.rs"]
mod spans;
#[path = "end_to_end/table.rs"]
mod table;
#[path = "end_to_end/transaction.rs"]
mod transaction;
#[path = "end_to_end/world.rs"]
mod world;
