//! The two lists that the linker puts together, and the only file that knows how.

#![expect(unsafe_code, reason = "linkme's declarations use link sections")]

use linkme::distributed_slice;

use super::entry::HandlerEntry;
use crate::event::mode::Sync as SyncMode;
use crate::event::{Event, EventDeclaration, EventEntry};
use crate::handler::{HandlerInfo, Position};

// Long names with a version: a link section's name is global to the program.
/// The linked events, in no order.
#[distributed_slice]
pub static EVENTFUL_V1_EVENTS: [&'static EventEntry];

/// The linked handlers, in no order.
#[distributed_slice]
pub static EVENTFUL_V1_HANDLERS: [&'static HandlerEntry];

/// What this crate registers itself, to see whether registration works in the program it was linked into.
enum Sentinel {}

const SENTINEL_POSITION: Position = Position::new(module_path!(), file!(), line!(), column!());

impl Event for Sentinel {
    type Mode = SyncMode;
    const NAME: &'static str = "eventful::Sentinel";
    const __DECLARATION: EventDeclaration = EventDeclaration::new(SENTINEL_POSITION);

    fn __entry() -> Option<&'static EventEntry> {
        Some(&SENTINEL_EVENT)
    }
}

fn sentinel(_: &Sentinel) {}

static SENTINEL_EVENT: EventEntry = EventEntry::new::<Sentinel>();

#[distributed_slice(EVENTFUL_V1_EVENTS)]
static REGISTERED_EVENT: &EventEntry = &SENTINEL_EVENT;

#[distributed_slice(EVENTFUL_V1_HANDLERS)]
static REGISTERED_HANDLER: &HandlerEntry = &HandlerEntry::new::<Sentinel, (), _, _>(
    HandlerInfo::new("eventful::sentinel", SENTINEL_POSITION),
    &[],
    &sentinel,
    |event, (), _| {
        sentinel(event);
        Ok(())
    },
);

/// Every linked event, in no order, and whether the sentinel was among them.
pub(super) fn events() -> (Vec<&'static EventEntry>, bool) {
    without_sentinel(&EVENTFUL_V1_EVENTS, REGISTERED_EVENT)
}

/// Every linked handler, in no order, and whether the sentinel was among them.
pub(super) fn handlers() -> (Vec<&'static HandlerEntry>, bool) {
    without_sentinel(&EVENTFUL_V1_HANDLERS, REGISTERED_HANDLER)
}

fn without_sentinel<T>(linked: &[&'static T], sentinel: &'static T) -> (Vec<&'static T>, bool) {
    let entries: Vec<_> = linked
        .iter()
        .copied()
        .filter(|entry| !std::ptr::eq(*entry, sentinel))
        .collect();
    let found = entries.len() < linked.len();
    (entries, found)
}

/// Declares an event's entry and adds it to the registry.
#[doc(hidden)]
#[macro_export]
macro_rules! __register_event {
    (static $entry:ident for $event:ty) => {
        static $entry: $crate::__private::EventEntry =
            $crate::__private::EventEntry::new::<$event>();
        #[$crate::__private::linkme::distributed_slice($crate::__private::EVENTFUL_V1_EVENTS)]
        #[linkme(crate = $crate::__private::linkme)]
        static __EVENTFUL_REGISTERED: &$crate::__private::EventEntry = &$entry;
    };
}

/// Adds a handler to the registry.
#[doc(hidden)]
#[macro_export]
macro_rules! __register_handler {
    ($entry:expr) => {
        #[$crate::__private::linkme::distributed_slice($crate::__private::EVENTFUL_V1_HANDLERS)]
        #[linkme(crate = $crate::__private::linkme)]
        static __EVENTFUL_REGISTERED: &$crate::__private::HandlerEntry = &$entry;
    };
}
