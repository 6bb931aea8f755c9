//! Durable events and their handlers, from the attributes to the border of the engine, without a store.

#[path = "colour/log.rs"]
mod log;
#[path = "colour/publish.rs"]
mod publish;
#[path = "colour/subscriptions.rs"]
mod subscriptions;
#[path = "colour/transaction.rs"]
mod transaction;
#[path = "colour/versions.rs"]
mod versions;
