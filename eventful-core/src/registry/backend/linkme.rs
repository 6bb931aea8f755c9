//! Two lists that the linker puts together, by way of linkme.

pub use ::linkme;
use linkme::distributed_slice;

use crate::event::EventInfo;
use crate::registry::HandlerEntry;
pub use crate::{__register_event as register_event, __register_handler as register_handler};

// Long names with a version: a link section's name is global to the program.
/// The linked events, in no order.
#[distributed_slice]
pub static EVENTFUL_V1_EVENTS: [&'static EventInfo];

/// The linked handlers, in no order.
#[distributed_slice]
pub static EVENTFUL_V1_HANDLERS: [&'static HandlerEntry];

/// Every linked event, in no order.
pub(in crate::registry) fn events() -> Vec<&'static EventInfo> {
    EVENTFUL_V1_EVENTS.iter().copied().collect()
}

/// Every linked handler, in no order, the sentinel included.
pub(in crate::registry) fn handlers() -> Vec<&'static HandlerEntry> {
    EVENTFUL_V1_HANDLERS.iter().copied().collect()
}

/// Declares an event's index and adds the event to the registry.
///
/// Expansions import `__private` under a short name and pass it on, to be short themselves.
#[doc(hidden)]
#[macro_export]
macro_rules! __register_event {
    ($private:ident, static $index:ident for $event:ty) => {
        static $index: $private::EventIndex<$event> = $private::event_index();
        #[$private::linkme::distributed_slice($private::EVENTFUL_V1_EVENTS)]
        #[linkme(crate = $private::linkme)]
        static __EVENTFUL_REGISTERED: &$private::EventInfo = $index.info();
    };
}

/// Adds a handler to the registry.
#[doc(hidden)]
#[macro_export]
macro_rules! __register_handler {
    ($private:ident, $entry:expr) => {
        #[$private::linkme::distributed_slice($private::EVENTFUL_V1_HANDLERS)]
        #[linkme(crate = $private::linkme)]
        static __EVENTFUL_REGISTERED: &$private::HandlerEntry = &$entry;
    };
}
