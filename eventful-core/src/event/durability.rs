//! The facts about a durable event that its engine needs, kept by the core.

use std::any::Any;
use std::fmt;

use super::{AnyEvent, BoxedEvent, Event, EventRef};

/// The version and the codec of a durable event. The engine makes it, and gets it back as it was.
#[doc(hidden)]
pub trait Durability: Any + Send + Sync {
    fn version(&self) -> u32;

    /// Returns true if the event has a key, by which order is kept.
    fn has_key(&self) -> bool;
}

impl fmt::Debug for dyn Durability {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Durability(version {})", self.version())
    }
}

/// An event that was made of what is stored, with the type forgotten.
#[doc(hidden)]
#[derive(Debug)]
pub struct DecodedEvent(BoxedEvent);

impl DecodedEvent {
    #[must_use]
    pub fn new<E: Event>(event: E) -> Self {
        Self(BoxedEvent::new(event))
    }

    #[must_use]
    pub fn as_any_event(&self) -> &dyn AnyEvent {
        self.0.borrow().any()
    }

    pub(crate) fn borrow(&self) -> EventRef<'_> {
        self.0.borrow()
    }
}
