//! Two lists that constructors put together before `main`, by way of inventory.

pub use ::inventory;

#[cfg(feature = "durable")]
pub use crate::__register_part as register_part;
use crate::event::EventInfo;
use crate::registry::HandlerEntry;
#[cfg(feature = "durable")]
use crate::registry::Part;
pub use crate::{__register_event as register_event, __register_handler as register_handler};

// The elements are references, as on the other backend.
inventory::collect!(&'static EventInfo);
inventory::collect!(&'static HandlerEntry);
#[cfg(feature = "durable")]
inventory::collect!(&'static Part);

/// Every linked part, in no order.
#[cfg(feature = "durable")]
pub(in crate::registry) fn parts() -> Vec<&'static Part> {
    inventory::iter::<&'static Part>().copied().collect()
}

/// Every linked event, in no order.
pub(in crate::registry) fn events() -> Vec<&'static EventInfo> {
    inventory::iter::<&'static EventInfo>().copied().collect()
}

/// Every linked handler, in no order, the sentinel included.
pub(in crate::registry) fn handlers() -> Vec<&'static HandlerEntry> {
    inventory::iter::<&'static HandlerEntry>()
        .copied()
        .collect()
}

/// Declares an event's index and adds the event to the registry.
///
/// Expansions import `__private` under a short name and pass it on, to be short themselves.
#[doc(hidden)]
#[macro_export]
macro_rules! __register_event {
    ($private:ident, static $index:ident for $event:ty) => {
        static $index: $private::EventIndex<$event> = $private::event_index();
        $private::inventory::submit! { $index.info() }
    };
}

/// Adds a handler to the registry.
#[doc(hidden)]
#[macro_export]
macro_rules! __register_handler {
    ($private:ident, $entry:expr) => {
        $private::inventory::submit! { &$entry }
    };
}

/// Adds another part to the registry.
#[cfg(feature = "durable")]
#[doc(hidden)]
#[macro_export]
macro_rules! __register_part {
    ($private:ident, $part:expr) => {
        $private::inventory::submit! { &$private::Part(&$part) }
    };
}
