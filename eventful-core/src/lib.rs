//! The registry, the bus and the traits behind `eventful`. Users depend on `eventful-framework`, which re-exports them
//! with the macros and the documentation.

#[doc(hidden)]
#[path = "private.rs"]
pub mod __private;
pub mod bounds;
mod bus;
mod contained;
mod delivery;
mod dispatch;
mod event;
mod handler;
mod log;
pub mod observe;
mod outcome;
mod raw;
mod record;
mod registry;
mod report;
mod resource;
mod sync;
#[cfg(feature = "testing")]
pub mod testing;
mod tuples;
pub mod wiring;

pub use crate::bus::{
    Bus, BusBuilder, DrainTimeoutError, HandOverError, HandOverTask, HandedOver, InstallError,
    Pending, PendingError, Publishing, PublishingWith, Scoped, Subscription, WeakBus, WhenFull,
};
pub use crate::delivery::Delivery;
pub use crate::event::{AnyEvent, Event, mode};
pub use crate::handler::HandlerInfo;
pub use crate::outcome::Either;
pub use crate::report::{
    Cause, Delivered, Failure, PublishError, Refusal, WiringError, WiringFault,
};
pub use crate::wiring::Wiring;
