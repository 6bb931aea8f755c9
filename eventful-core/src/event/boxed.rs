//! An event that nobody lends: one that is published later than it was made.

use std::fmt;

use super::{Event, EventRef};
use crate::contained::Contained;

/// An event of any type, owned.
pub(crate) struct BoxedEvent(Contained<Box<dyn Boxed>>);

impl BoxedEvent {
    pub(crate) fn new<E: Event>(event: E) -> Self {
        Self(Contained::new(Box::new(event)))
    }

    pub(crate) fn borrow(&self) -> EventRef<'_> {
        let event = self.0.get();
        event
            .expect("it is taken out only when it is dropped")
            .borrow()
    }
}

impl fmt::Debug for BoxedEvent {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "BoxedEvent({})", self.borrow().info().name())
    }
}

trait Boxed: Send + Sync {
    fn borrow(&self) -> EventRef<'_>;
}

impl<E: Event> Boxed for E {
    fn borrow(&self) -> EventRef<'_> {
        EventRef::new(self)
    }
}
