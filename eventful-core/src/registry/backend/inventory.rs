//! Two lists that constructors put together before `main`, by way of inventory.

pub use ::inventory;

use crate::event::EventInfo;
use crate::registry::HandlerEntry;
pub use crate::{__register_event as register_event, __register_handler as register_handler};

// The elements are references, as on the other backend.
inventory::collect!(&'static EventInfo);
inventory::collect!(&'static HandlerEntry);

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
