//! The common part of the storefront: orders, their events, their store, and the resources of the events' handlers.
//!
//! Each of `stock`, `billing`, `notifications` and `audit` depends on this crate, and none on another of them.
//! [`events`] has all events of an order, and [`place()`] publishes the first.

mod attempt;
mod cache;
mod database;
pub mod events;
mod mail;
mod money;
mod new_order;
mod order;
mod place;
mod step;
mod store;
mod trail;

pub use attempt::{Attempt, InvalidKey};
pub use cache::{OrderCache, forget};
pub use database::{Database, DatabaseError, Writing};
pub use mail::{Mail, MailError, Mailer};
pub use money::Cents;
pub use new_order::{InvalidOrder, NewItem, NewOrder};
pub use order::{Customer, Item, Order, OrderId, Status, TrackedOrder};
pub use place::{PlaceError, Placed, place};
pub use step::{StepError, advance};
pub use store::OrderStore;
pub use trail::{AuditLine, AuditTrail};
