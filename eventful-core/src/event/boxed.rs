//! An event that nobody lends: one that is published later than it was made.

use std::fmt;

use super::{Event, EventRef};
use crate::contained::contain_drop;

/// An event of any type, owned. A panic of its `Drop` is logged, and does not reach whoever drops it.
pub(crate) struct BoxedEvent(Option<Box<dyn Boxed>>);

impl BoxedEvent {
    pub(crate) fn new<E: Event>(event: E) -> Self {
        Self(Some(Box::new(event)))
    }

    pub(crate) fn borrow(&self) -> EventRef<'_> {
        let event = self.0.as_ref();
        event
            .expect("it is taken out only when it is dropped")
            .borrow()
    }
}

impl Drop for BoxedEvent {
    fn drop(&mut self) {
        if let Some(event) = self.0.take() {
            event.dispose();
        }
    }
}

impl fmt::Debug for BoxedEvent {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "BoxedEvent({})", self.borrow().info().name())
    }
}

trait Boxed: Send + Sync {
    fn borrow(&self) -> EventRef<'_>;

    fn dispose(self: Box<Self>);
}

impl<E: Event> Boxed for E {
    fn borrow(&self) -> EventRef<'_> {
        EventRef::new(self)
    }

    fn dispose(self: Box<Self>) {
        contain_drop::<E>(|| drop(self));
    }
}
