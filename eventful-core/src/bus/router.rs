//! From the handlers of a bus to the handlers of each event, in order, with everything that is wrong about them.

use super::routes::{Listeners, Route, named_instantiations};
use super::subscriber::Subscriber;
use super::{full, order};
use crate::event::EventInfo;
use crate::registry::Registry;
use crate::report::FaultKind;

/// An event, and its handlers in the order in which they run.
pub(super) type EventRoutes<'a> = (&'static EventInfo, Vec<Route<'a>>);

/// The handlers of a bus, ready to be asked who handles an event.
pub(crate) struct Router<'a> {
    subscribers: &'a [Subscriber],
    listeners: Listeners<'a>,
    /// Whether the bus began with every linked handler.
    is_full: bool,
}

impl<'a> Router<'a> {
    pub(crate) fn new(subscribers: &'a [Subscriber], is_full: bool) -> Self {
        Self {
            subscribers,
            listeners: Listeners::new(subscribers),
            is_full,
        }
    }

    /// The handlers of every event that is registered, at its index, and then of the instantiations of generic ones that
    /// handlers name.
    pub(super) fn all_routes(&self, faults: &mut Vec<FaultKind>) -> Vec<EventRoutes<'a>> {
        let registry = Registry::get();
        order::find_missing_targets(self.subscribers, registry, faults);
        if self.is_full {
            full::find_shared_names(registry, faults);
        }
        let registered = registry.events().iter().copied();
        let generic = named_instantiations(self.subscribers);
        registered
            .chain(generic)
            .map(|event| (event, self.routes(event, faults)))
            .collect()
    }

    /// The handlers of `event` in the order in which they run.
    pub(crate) fn routes(
        &self,
        event: &'a EventInfo,
        faults: &mut Vec<FaultKind>,
    ) -> Vec<Route<'a>> {
        let mut routes = self.listeners.of(event);
        order::find_shared_ids(event, &routes, faults);
        order::sort(event, &mut routes, Registry::get(), faults);
        if self.is_full {
            full::find_broken_contract(event, &routes, faults);
        }
        routes
    }
}
