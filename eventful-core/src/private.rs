//! The items that expanded macros name. Nobody else may name them: they change without notice.

use std::panic::Location;

use crate::bus;
pub use crate::bus::{
    Delivering, NotLent, Publishing, PublishingWith, Reception, ReturnedDurable, SeparateCall,
    SeparateHandler, durability_of,
};
pub use crate::delivery::{Delivery, Handling};
pub use crate::event::mode::{Async, Durable, Lending, Sync, With};
pub use crate::event::{
    Declared, DecodedEvent, Durability, Event, EventIndex, EventInfo, EventRef, Events, Family, Is,
    Listen, Listened, LogLevel, Membership, event_index, event_name,
};
pub use crate::handler::{Constraint, Position, SeparateOptions};
pub use crate::outcome::{Handled, HandlerError, guard};
pub use crate::raw::Slot::Held;
pub use crate::raw::{InPlace, Lent, LentMut, LentSlot, LentType, Projected, Slot};
#[cfg(all(windows, not(target_env = "msvc")))]
pub use crate::record::KeptRecord;
pub use crate::record::RecordText;
pub use crate::registry::backend::*;
pub use crate::registry::{HandlerEntry, Recorded, Registration, Unrecorded, durable_events};
#[cfg(feature = "durable")]
pub use crate::registry::{Part, parts};
pub use crate::report::{Delivered, HandlerResult, PublishError, RawFailure};
pub use crate::resource::{Mutable, Optional, Required};
pub use crate::{__index as index, __record as record};
pub use core::future::Future;
pub use core::marker::Send;
pub use core::option::Option;
pub use core::pin::pin;
pub use core::primitive::u8;
pub use core::result::Result;

/// The type itself, for a path that is more than one name: errors about it point to all that the path stands on.
pub type This<T> = T;

/// The body of every `event.publish()`.
#[inline]
#[track_caller]
pub fn publish<E: Event<Mode = Sync>>(event: &E) -> Result<Delivered, PublishError> {
    bus::publish_current(EventRef::new(event), Location::caller())
}

/// Publishes an asynchronous event: the body of its `publish`.
#[inline]
#[track_caller]
pub fn publish_async<E: Event<Mode = Async>>(event: &E) -> Publishing<'_, E> {
    Publishing::new(None, event, Location::caller())
}

/// Publishes an event together with what it lends: the body of its `publish`.
#[inline]
#[track_caller]
pub fn publish_with<'a, E: Event<Mode: Lending>>(
    event: &'a E,
    with: <E::Mode as Lending>::Borrow<'a>,
) -> <E::Mode as Lending>::Publication<'a, E> {
    <E::Mode as Lending>::__publish(None, event, with, Location::caller())
}

/// Stands for a handler that cannot be named, since it has `impl Trait` parameters.
#[derive(Debug)]
pub struct Unnamed;
