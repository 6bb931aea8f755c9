//! The element that tells a registry from what a linker has left of one.

use std::any::TypeId;

use super::bus_handler::BusHandler;
use super::entry::HandlerEntry;
use crate::event::mode::Sync;
use crate::event::{Declared, Event, EventIndex};
use crate::outcome::Handled;

/// An event that nobody publishes.
enum Sentinel {}

impl Event for Sentinel {
    type Mode = Sync;
    const NAME: &'static str = "eventful::Sentinel";
    const __KEY: &'static str = "0:0";
    const __EVENT: Declared = Declared::at(module_path!(), file!(), line!(), column!());

    fn __index() -> Option<&'static EventIndex<Self>> {
        None
    }
}

fn sentinel(_: &Sentinel) {}

impl HandlerEntry {
    /// The facade registers this, in an object file that nothing refers to: a linker that drops unreferenced object
    /// files, and with them the handlers in them, drops it too.
    #[must_use]
    pub const fn sentinel() -> Self {
        Self::new::<Sentinel, (), _, _, ()>(
            concat!(module_path!(), "::sentinel\n", file!()),
            (module_path!(), line!(), column!()),
            &sentinel,
            |event, (), _| {
                sentinel(event);
                Handled::new(Ok(()))
            },
        )
    }
}

impl BusHandler {
    pub(super) fn is_sentinel(&self) -> bool {
        self.subject.type_id() == TypeId::of::<Sentinel>()
    }
}
