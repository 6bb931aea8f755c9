//! Two lists that the linker puts together, by way of linkme.

pub use ::linkme;
use linkme::distributed_slice;

#[cfg(feature = "durable")]
pub use crate::__register_part as register_part;
use crate::event::EventInfo;
use crate::registry::HandlerEntry;
#[cfg(feature = "durable")]
use crate::registry::Part;
pub use crate::{__register_event as register_event, __register_handler as register_handler};

// Long names with a version: a link section's name is global to the program.
/// The linked events, in no order.
#[distributed_slice]
pub static EVENTFUL_V1_EVENTS: [&'static EventInfo];

/// The linked handlers, in no order.
#[distributed_slice]
pub static EVENTFUL_V1_HANDLERS: [&'static HandlerEntry];

/// The other linked parts, in no order.
#[cfg(feature = "durable")]
#[distributed_slice]
pub static EVENTFUL_V1_PARTS: [&'static Part];

/// Every linked part, in no order.
#[cfg(feature = "durable")]
pub(in crate::registry) fn parts() -> Vec<&'static Part> {
    EVENTFUL_V1_PARTS.iter().copied().collect()
}

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

/// Adds another part to the registry.
#[cfg(feature = "durable")]
#[doc(hidden)]
#[macro_export]
macro_rules! __register_part {
    ($private:ident, $part:expr) => {
        #[$private::linkme::distributed_slice($private::EVENTFUL_V1_PARTS)]
        #[linkme(crate = $private::linkme)]
        static __EVENTFUL_REGISTERED: &$private::Part = &$private::Part(&$part);
    };
}
