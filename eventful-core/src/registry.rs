//! Everything that was linked: the events and handlers of the program, sorted once.

pub(crate) mod backend;
mod bus_handler;
mod entry;
mod recorded;
mod registration;
mod sentinel;

#[cfg(feature = "durable")]
use std::any::Any;
use std::any::TypeId;
use std::sync::OnceLock;

pub(crate) use self::bus_handler::{BusHandler, Closure};
pub use self::entry::HandlerEntry;
pub(crate) use self::entry::{BoundHandler, HandlerCall};
pub use self::recorded::{Recorded, Unrecorded};
pub use self::registration::Registration;
use crate::event::{Durability, EventInfo};
use crate::raw::{ErasedIndex, Index};

/// The linked events and handlers in an order that the sources decide, not the linker.
pub(crate) struct Registry {
    events: Box<[&'static EventInfo]>,
    generic_events: Box<[&'static EventInfo]>,
    handlers: &'static [BusHandler],
    is_complete: bool,
    /// The number of events and handlers that had been registered.
    registered: usize,
}

impl Registry {
    /// The program's registry, made on the first call.
    pub(crate) fn get() -> &'static Self {
        static REGISTRY: OnceLock<Registry> = OnceLock::new();
        REGISTRY.get_or_init(Self::collect)
    }

    fn collect() -> Self {
        let registered = registered();
        let mut events = backend::events();
        events.sort_by_cached_key(|event| event.sort_key());
        let has_index = |event: &&'static EventInfo| event.index().is_some();
        let (events, generic_events): (Vec<_>, Vec<_>) = events.into_iter().partition(has_index);
        let indexes = events
            .iter()
            .filter_map(|event: &&'static EventInfo| event.index());
        Index::assign(&indexes.map(ErasedIndex::index).collect::<Vec<_>>());
        let mut handlers: Vec<_> = backend::handlers()
            .into_iter()
            .map(BusHandler::linked)
            .collect();
        let linked = handlers.len();
        handlers.retain(|handler| !handler.is_sentinel());
        let is_complete = handlers.len() < linked;
        // The subject comes last: one function may handle several.
        handlers.sort_by_cached_key(|handler| {
            (
                handler.info.order,
                handler.rank(),
                handler.subject.sort_key(),
            )
        });
        Self {
            events: events.into(),
            generic_events: generic_events.into(),
            // There is one registry, for as long as the program runs.
            handlers: handlers.leak(),
            is_complete,
            registered,
        }
    }

    /// Every event that is not generic, at its index.
    pub(crate) fn events(&self) -> &[&'static EventInfo] {
        &self.events
    }

    /// Those generic events that belong to families, each as a stand-in for its instantiations. It is in no table.
    pub(crate) fn generic_events(&self) -> &[&'static EventInfo] {
        &self.generic_events
    }

    /// Every handler, sorted by `order`, module path, line, column and id.
    pub(crate) fn handlers(&self) -> &'static [BusHandler] {
        self.handlers
    }

    /// The linked handlers of the function whose type is `function`.
    pub(crate) fn handlers_of_function(
        &self,
        function: TypeId,
    ) -> impl Iterator<Item = &'static BusHandler> {
        self.handlers
            .iter()
            .filter(move |entry| entry.is_function(function))
    }

    /// The linked handlers with this id.
    pub(crate) fn handlers_with_id(&self, id: &str) -> impl Iterator<Item = &'static BusHandler> {
        self.handlers
            .iter()
            .filter(move |entry| entry.info.id == id)
    }

    /// Tells if the sentinel was linked. If not, the linker has dropped the handlers of all crates that nothing refers
    /// to.
    pub(crate) fn is_complete(&self) -> bool {
        self.is_complete
    }

    /// Tells if more was registered since it was put together. Constructors register with inventory, so one of them has
    /// asked for the registry before `main`.
    pub(crate) fn came_too_early(&self) -> bool {
        self.registered < registered()
    }
}

/// Something that was linked beside events and handlers, for a crate that knows what it is.
#[cfg(feature = "durable")]
#[doc(hidden)]
#[derive(Debug)]
pub struct Part(pub &'static (dyn Any + Send + Sync));

/// Returns every linked part that is a `T`, in no order.
#[cfg(feature = "durable")]
#[must_use]
pub fn parts<T: Any>() -> Vec<&'static T> {
    let parts = backend::parts().into_iter();
    parts.filter_map(|part| part.0.downcast_ref()).collect()
}

/// Returns the linked durable events: the name, and the version and the codec of each.
#[doc(hidden)]
#[must_use]
pub fn durable_events() -> Vec<(&'static str, &'static dyn Durability)> {
    let events = Registry::get().events().iter();
    events
        .filter_map(|event| Some((event.name(), event.durability()?)))
        .collect()
}

/// The number of events and handlers that are registered now.
fn registered() -> usize {
    backend::events().len() + backend::handlers().len()
}
