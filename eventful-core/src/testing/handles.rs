//! Which function handles which event.

use std::any::{TypeId, type_name};

use super::event_types::EventType;
use super::text;
use crate::event::Event;
use crate::registry::{HandlerEntry, Registry};

/// Asserts that `handler` is a linked handler of `E`.
///
/// It asks what was linked, not a bus, so it needs no resources, and it does not matter how the handler is declared: of the
/// event alone or among several, through a family, as a method, in whatever order and module. A generic handler is named
/// with its arguments, `audit::<OrderCreated>`.
///
/// # Panics
///
/// If it is not so. The text lists the handlers that the event has, and the events that the function handles.
///
/// # Examples
///
/// ```
/// # use eventful_core as eventful;
/// # use eventful::Event;
/// use eventful::testing::assert_handles;
///
/// fn assert_handles_both<A: Event, B: Event, F: Copy + 'static>(handler: F) {
///     assert_handles::<A, _>(handler);
///     assert_handles::<B, _>(handler);
/// }
/// ```
#[track_caller]
pub fn assert_handles<E: Event, F: 'static>(_handler: F) {
    let registry = Registry::get();
    let event = EventType::of::<E>();
    let entries = registry.handlers_of_function(TypeId::of::<F>());
    let entries: Vec<_> = entries.collect();
    if entries.iter().any(|entry| handles(entry, event)) {
        return;
    }
    let (name, function) = (event.name, type_name::<F>());
    let others = registry.handlers().iter();
    let others = others.filter(|entry| handles(entry, event));
    let others: Vec<_> = others.map(|entry| entry.info.to_string()).collect();
    let others = match &*others {
        [] => format!("`{name}` has no handler"),
        _ => format!("`{name}` is handled by\n{}", text::numbered(others)),
    };
    let events: Vec<_> = entries.iter().map(|entry| entry.event.name()).collect();
    let events = match &*events {
        [] => format!(
            "`{function}` handles nothing: write `#[handler({})]` on it, and `#[handlers]` on the `impl` of a method",
            event.written(),
        ),
        _ => format!("`{function}` handles\n{}", text::numbered(events)),
    };
    panic!("`{function}` does not handle `{name}`\n{others}\n{events}");
}

fn handles(entry: &HandlerEntry, event: EventType) -> bool {
    entry.event.type_id() == event.type_id
}
