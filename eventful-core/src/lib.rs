//! The registry, the bus and the traits behind `eventful`. Users depend on `eventful-framework`, which re-exports them
//! with the macros and the documentation.

#[doc(hidden)]
#[path = "private.rs"]
pub mod __private;
mod bus;
mod delivery;
mod dispatch;
mod event;
mod handler;
mod log;
mod observer;
mod outcome;
mod raw;
mod record;
mod registry;
mod report;
mod resource;
mod sync;
pub mod testing;
pub mod wiring;

pub use crate::bus::{
    Bus, BusBuilder, DetachError, DetachedTask, DetachedWork, HandlerFunction, InstallError,
    Pending, PendingAsync, PendingError, Publishing, Reply, Scoped, StillOutstanding,
    UnfinishedWork, WeakBus, WhenFull,
};
pub use crate::delivery::Delivery;
pub use crate::event::{AnyEvent, Event, Listen, mode};
pub use crate::handler::{HandlerInfo, Position};
#[cfg(feature = "metrics")]
pub use crate::observer::Metrics;
#[cfg(feature = "tracing")]
pub use crate::observer::TracingSpans;
pub use crate::observer::{
    HandlerEnd, HandlerOutcome, Observer, Part, PublishEnd, PublishOutcome, Span,
};
pub use crate::outcome::{Either, Outcome};
pub use crate::report::{
    Cause, Delivered, Failure, PublishError, Refusal, WiringError, WiringFault,
};
pub use crate::wiring::Wiring;
