//! What is only asked of a bus that began with every linked handler.

use super::routes::{Listeners, Route};
use super::subscriber::Subscriber;
use crate::event::EventInfo;
use crate::handler::HandlerInfo;
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
    let handlers = without_catch_alls(routes);
    if !contract.is_met_by(handlers.len()) && !contract.is_met_by(count_linked(event)) {
        faults.push(FaultKind::ContractBroken {
            event: event.name(),
            position: *event.position(),
            contract,
            handlers,
        });
    }
}

/// How many linked handlers `event` has, on this bus or not.
fn count_linked(event: &EventInfo) -> usize {
    let linked = Registry::get().handlers().iter();
    let linked: Vec<_> = linked.map(Subscriber::linked).collect();
    without_catch_alls(&Listeners::new(&linked).of(event)).len()
}

fn without_catch_alls(routes: &[Route<'_>]) -> Vec<HandlerInfo> {
    let handlers = routes.iter().map(|route| route.info);
    handlers.filter(|handler| !handler.is_catch_all()).collect()
}

/// Finds events that share a name which at least one of them was given on purpose.
pub(super) fn find_shared_names(registry: &Registry, faults: &mut Vec<FaultKind>) {
    let mut events = registry.events().to_vec();
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
