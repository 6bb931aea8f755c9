//! Events that nobody lends: those that are published later than they were made.

use std::any::Any;
use std::fmt;

use super::{Event, EventInfo, EventRef};
use crate::raw::Erased;
use crate::report::{Contained, Lineage, Returned, ReturnedEvent};

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

/// An event that a handler has returned.
pub(crate) fn returned_event<E: Event>(event: E, lineage: Lineage) -> ReturnedEvent {
    ReturnedEvent::new(Box::new(WithLineage { event, lineage }))
}

struct WithLineage<E> {
    event: E,
    lineage: Lineage,
}

impl<E: Event> Returned for WithLineage<E> {
    fn info(&self) -> &'static (dyn Any + Sync) {
        EventInfo::of::<E>()
    }

    fn value(&self) -> Erased<'_> {
        Erased::new(&self.event)
    }

    fn lineage(&self) -> &Lineage {
        &self.lineage
    }
}

impl<'a> EventRef<'a> {
    pub(crate) fn of_returned(event: &'a ReturnedEvent) -> Self {
        let returned = event.returned();
        let info: &'static dyn Any = returned.info();
        let info = info.downcast_ref();
        Self::forgotten(info.expect("`returned_event` makes them"), returned.value())
    }
}
