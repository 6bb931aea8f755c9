//! Which function handles which event.

use std::any::{TypeId, type_name};

use super::event_types::written;
use super::text;
use crate::event::{Event, EventInfo};
use crate::registry::Registry;

/// Asserts that `handler` is a linked handler of `E`.
///
/// It asks what was linked, not a bus, so it needs no resources, and it does not matter how the handler is declared: of the
/// event alone or among several, through a family, as a method, in whatever order and module. A generic handler is named
/// with its arguments, `audit::<OrderCreated>`. One with `impl Trait` parameters cannot be named: look for its id among
/// [`bus.handlers::<E>()`](crate::Bus::handlers).
///
/// # Panics
///
/// If it is not so. The text lists the handlers that the event has, without those of every event, and what the function
/// handles.
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
    let event = EventInfo::of::<E>();
    let entries: Vec<_> = registry.handlers_of_function(TypeId::of::<F>()).collect();
    if entries.iter().any(|entry| entry.subject.includes(event)) {
        return;
    }
    let (name, function) = (event.name(), type_name::<F>());
    let handlers: Vec<_> = registry
        .handlers()
        .iter()
        .filter(|entry| !entry.subject.is_catch_all() && entry.subject.includes(event))
        .map(|entry| entry.info)
        .collect();
    let handlers = match &*handlers {
        [] => format!("`{name}` has no handler"),
        _ => format!("`{name}` is handled by\n{}", text::numbered(handlers)),
    };
    let subjects: Vec<_> = entries.iter().map(|entry| entry.subject).collect();
    let subjects = match &*subjects {
        [] => format!(
            "`{function}` handles nothing: write `#[handler({})]` on it, and `#[handlers]` on the `impl` of a method",
            written::<E>(),
        ),
        _ => format!("`{function}` handles\n{}", text::numbered(subjects)),
    };
    panic!("`{function}` does not handle `{name}`\n{handlers}\n{subjects}");
}
