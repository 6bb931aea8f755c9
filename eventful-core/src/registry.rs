//! Everything that was linked: the events and handlers of the program, sorted once.

pub(crate) mod backend;
mod entry;
mod linked;
mod recorded;
mod sentinel;

use std::any::TypeId;
use std::sync::OnceLock;

pub use self::entry::HandlerEntry;
pub(crate) use self::entry::{BoundHandler, HandlerCall, bind_to};
pub(crate) use self::linked::LinkedHandler;
pub use self::recorded::{Recorded, Unrecorded};
use crate::event::EventInfo;
use crate::raw::{ErasedIndex, Index};

/// The linked events and handlers in an order that the sources decide, not the linker.
pub(crate) struct Registry {
    events: Box<[&'static EventInfo]>,
    handlers: &'static [LinkedHandler],
    is_complete: bool,
}

impl Registry {
    /// The program's registry, made on the first call.
    pub(crate) fn get() -> &'static Self {
        static REGISTRY: OnceLock<Registry> = OnceLock::new();
        REGISTRY.get_or_init(Self::collect)
    }

    fn collect() -> Self {
        let mut events = backend::events();
        events.sort_by_cached_key(|event| event.sort_key());
        let indexes: Vec<_> = events
            .iter()
            .filter_map(|event| event.index())
            .map(ErasedIndex::index)
            .collect();
        Index::assign(&indexes);
        let mut handlers: Vec<_> = backend::handlers()
            .into_iter()
            .map(LinkedHandler::new)
            .collect();
        let linked = handlers.len();
        handlers.retain(|handler| !handler.is_sentinel());
        let is_complete = handlers.len() < linked;
        handlers.sort_by_cached_key(LinkedHandler::sort_key);
        Self {
            events: events.into(),
            // There is one registry, for as long as the program runs.
            handlers: handlers.leak(),
            is_complete,
        }
    }

    /// A registry of these handlers, for tests.
    #[cfg(test)]
    pub(crate) fn of(handlers: impl Iterator<Item = &'static HandlerEntry>) -> Self {
        Self {
            events: Box::default(),
            handlers: handlers.map(LinkedHandler::new).collect::<Vec<_>>().leak(),
            is_complete: true,
        }
    }

    /// Every event that is not generic, at the place that its index says.
    pub(crate) fn events(&self) -> &[&'static EventInfo] {
        &self.events
    }

    /// Every handler, sorted by `order`, module path, line, column and id.
    pub(crate) fn handlers(&self) -> &'static [LinkedHandler] {
        self.handlers
    }

    /// The linked handlers of the function whose type is `function`.
    pub(crate) fn handlers_of_function(
        &self,
        function: TypeId,
    ) -> impl Iterator<Item = &'static LinkedHandler> {
        self.handlers
            .iter()
            .filter(move |entry| entry.function == function)
    }

    /// The linked handlers with this id.
    pub(crate) fn handlers_with_id(
        &self,
        id: &str,
    ) -> impl Iterator<Item = &'static LinkedHandler> {
        self.handlers
            .iter()
            .filter(move |entry| entry.info.id == id)
    }

    /// Whether the sentinel was linked. If not, the linker has dropped the handlers of all crates that nothing refers to.
    pub(crate) fn is_complete(&self) -> bool {
        self.is_complete
    }
}
