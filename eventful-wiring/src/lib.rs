//! The wiring of programs with `eventful`: the model, the rules and the formats. Nothing here runs a handler.
//!
//! Two adapters declare events and handlers to [`resolve`]: a bus, from types, and `inspect`, from the records in a
//! program's file. Both get the same order and the same faults. Users depend on `eventful-framework` instead.

mod composition;
mod contract;
mod cycles;
mod did_you_mean;
mod dot;
mod event;
mod family;
mod graph;
mod handler;
#[cfg(feature = "inspect")]
pub mod inspect;
#[cfg(feature = "inspect")]
mod line_difference;
mod mermaid;
mod position;
pub mod record;
pub mod resolve;
mod resource;
mod sequence;
#[cfg(feature = "serde")]
mod serialize;
mod table;
#[cfg(test)]
mod tests;
mod text;
mod wiring;

pub use self::contract::Contract;
pub use self::did_you_mean::{did_you_mean, question};
pub use self::event::{DurableFacts, EventMode, WiredEvent};
pub use self::family::WiredFamily;
pub use self::handler::{HandlerOrigin, HandlerRun, Side, Source, WiredHandler};
#[cfg(feature = "inspect")]
pub use self::line_difference::line_difference;
pub use self::position::{Position, WiredPosition};
pub use self::resource::{ProvidedResource, WiredResource};
pub use self::table::TablePart;
pub use self::text::ShortType;
pub use self::wiring::{WiredCascade, Wiring};
