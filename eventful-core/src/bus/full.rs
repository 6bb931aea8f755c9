//! What is only asked of a bus that began with every linked handler.

use std::collections::BTreeSet;

use super::routes::Route;
use crate::event::EventInfo;
use crate::registry::Registry;
use crate::report::FaultKind;

/// Finds the event if it has not as many handlers as it says, neither on the bus nor among all that are linked.
pub(super) fn find_broken_contract(
    event: &EventInfo,
    routes: &[Route<'_>],
    faults: &mut Vec<FaultKind>,
) {
    let Some(contract) = event.contract() else {
        return;
    };
    let handlers = routes.iter().map(|route| route.info);
    let handlers: Vec<_> = handlers.filter(|handler| !handler.is_catch_all()).collect();
    if !contract.is_met_by(handlers.len()) && !contract.is_met_by(count_linked(event)) {
        faults.push(FaultKind::ContractBroken {
            event: event.name(),
            position: *event.position(),
            contract,
            handlers,
        });
    }
}

/// How many linked handlers `event` has, each counted once.
fn count_linked(event: &EventInfo) -> usize {
    let entries = Registry::get().handlers().iter();
    let linked: BTreeSet<_> = entries
        .filter(|entry| !entry.info.is_catch_all() && entry.subject.includes(event))
        .map(|entry| (entry.info.position, entry.info.id))
        .collect();
    linked.len()
}

/// Finds events that share a name which at least one of them was given on purpose.
pub(super) fn find_shared_names(registry: &Registry, faults: &mut Vec<FaultKind>) {
    let mut events: Vec<&EventInfo> = registry.events().iter().map(|entry| &entry.info).collect();
    events.sort_by_key(|event| event.name());
    for pair in events.chunk_by(|first, second| first.name() == second.name()) {
        let is_meant = pair.iter().any(|event| event.has_own_name());
        if let [first, second, ..] = pair
            && is_meant
        {
            faults.push(FaultKind::SharedName {
                name: first.name(),
                first: *first.position(),
                second: *second.position(),
            });
        }
    }
}
