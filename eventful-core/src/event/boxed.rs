//! An event that nobody lends: one that is published later than it was made.

use std::fmt;

use super::{Event, EventRef};
use crate::contained::Contained;

/// An event of any type, owned.
pub(crate) struct BoxedEvent(Box<dyn Boxed>);

impl BoxedEvent {
    pub(crate) fn new<E: Event>(event: E) -> Self {
        Self(Box::new(Contained::new(event)))
    }

    pub(crate) fn borrow(&self) -> EventRef<'_> {
        self.0.borrow()
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

impl<E: Event> Boxed for Contained<E> {
    fn borrow(&self) -> EventRef<'_> {
        EventRef::new(self.get().expect("it is taken out only when it is dropped"))
    }
}
