//! From the handlers of a bus to the handlers of each event, in order, with everything that is wrong about them.

use super::routes::{Listeners, Route};
use super::subscriber::Subscriber;
use super::{full, order};
use crate::event::EventInfo;
use crate::registry::Registry;
use crate::report::FaultKind;

/// The handlers of a bus, ready to be asked who handles an event.
pub(crate) struct Wires<'a> {
    listeners: Listeners<'a>,
    /// Whether the bus began with every linked handler.
    is_full: bool,
}

impl<'a> Wires<'a> {
    pub(crate) fn new(subscribers: &'a [Subscriber], is_full: bool) -> Self {
        Self {
            listeners: Listeners::new(subscribers),
            is_full,
        }
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
