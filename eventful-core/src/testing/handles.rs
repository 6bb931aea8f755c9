//! An assertion that a function handles an event.

use std::any::{TypeId, type_name};

use super::event_types::written;
use super::text;
use crate::event::{Event, EventInfo};
use crate::registry::Registry;

/// Asserts that `handler` is a linked handler of `E`.
///
/// It looks at the linked handlers, not at a bus, so it needs no resources. The declaration does not matter: the
/// handler may be one of this event alone, of several, or of a family; a function or a method; in any module. Name a
/// generic handler with its arguments, `audit::<OrderCreated>`. One with `impl Trait` parameters cannot be named: look
/// for its id in [`bus.handlers::<E>()`](crate::Bus::handlers).
///
/// # Panics
///
/// If the function is no handler of `E`. The text lists the handlers of the event, without those of every event, and
/// the events that the function handles.
///
/// # Examples
///
/// ```
/// use eventful::testing::assert_handles;
/// use eventful::{event, handler};
///
/// #[event]
/// struct OrderCreated;
///
/// #[handler(OrderCreated)]
/// fn send_mail(_: &OrderCreated) {}
///
/// assert_handles::<OrderCreated, _>(send_mail);
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
