//! In which order the handlers of one event run.

#[cfg(test)]
mod tests;

use super::nearest::nearest;
use super::routes::Route;
use super::subscriber::Subscriber;
use crate::event::{EventInfo, Subject};
use crate::handler::{Constraint, HandlerInfo, Side, Target};
use crate::registry::{LinkedHandler, Registry};
use crate::report::FaultKind;
use crate::sequence::Sequence;

/// Sorts the handlers of one event: by `order`, then as `after` and `before` say, then by place.
///
/// Among the handlers that may come next it always takes the first by place, so that one set of handlers has one order.
pub(super) fn sort(
    event: &EventInfo,
    subscribers: &mut Vec<Route<'_>>,
    registry: &Registry,
    faults: &mut Vec<FaultKind>,
) {
    subscribers.sort_by_key(|subscriber| (subscriber.info.order, subscriber.place));
    let edges = edges(event, subscribers, registry, faults);
    if edges.is_empty() {
        return;
    }
    let Sequence { places, circles } = Sequence::new(subscribers.len(), edges);
    for circle in circles {
        let handlers = circle.iter().map(|&index| subscribers[index].info);
        faults.push(FaultKind::Cycle {
            event: event.name(),
            handlers: handlers.collect(),
        });
    }
    *subscribers = places.into_iter().map(|index| subscribers[index]).collect();
}

/// The pairs of which the first must run before the second. A pair that `order` contradicts is a fault and left out.
fn edges(
    event: &EventInfo,
    subscribers: &[Route<'_>],
    registry: &Registry,
    faults: &mut Vec<FaultKind>,
) -> Vec<(usize, usize)> {
    let mut edges = Vec::new();
    for (index, subscriber) in subscribers.iter().enumerate() {
        for &Constraint { side, target } in subscriber.constraints {
            let targets =
                (0..subscribers.len()).filter(|&other| is_target(&subscribers[other], target));
            let targets: Vec<usize> = targets.collect();
            // Of a handler that heard of the event as one of a family, the target need not handle each member.
            let is_wanted = subscriber.is_direct() && targets.is_empty();
            if is_wanted && !is_linked(target, event, registry) {
                faults.push(target_missing(subscriber, side, target, registry));
            }
            for other in targets {
                let (first, second) = match side {
                    Side::After => (other, index),
                    Side::Before => (index, other),
                };
                if subscribers[first].info.order > subscribers[second].info.order {
                    let (handler, other) = (subscriber.info, subscribers[other].info);
                    faults.push(FaultKind::AgainstOrder {
                        handler,
                        side,
                        other,
                    });
                } else {
                    edges.push((first, second));
                }
            }
        }
    }
    edges
}

/// Finds what handlers of families say about targets that handle no member.
pub(super) fn find_missing_targets(
    subscribers: &[Subscriber],
    registry: &Registry,
    faults: &mut Vec<FaultKind>,
) {
    let of_families = subscribers
        .iter()
        .filter(|subscriber| matches!(subscriber.subject, Subject::Family(_)));
    for subscriber in of_families {
        for &Constraint { side, target } in subscriber.constraints {
            let linked = linked_targets(target, registry).map(|entry| entry.subject);
            let on_bus = subscribers.iter().filter(|other| is_target(other, target));
            let is_there = linked
                .chain(on_bus.map(|other| other.subject))
                .any(|other| share_an_event(&subscriber.subject, &other, registry));
            if !is_there {
                faults.push(target_missing(subscriber, side, target, registry));
            }
        }
    }
}

fn share_an_event(first: &Subject, second: &Subject, registry: &Registry) -> bool {
    match (first, second) {
        (Subject::Event(event), other) | (other, Subject::Event(event)) => other.includes(event),
        (Subject::Family(_), Subject::Family(_)) => {
            let mut events = registry.events().iter();
            first.type_id() == second.type_id()
                || events.any(|event| first.includes(event) && second.includes(event))
        }
    }
}

fn target_missing(
    subscriber: &Subscriber,
    side: Side,
    target: Target,
    registry: &Registry,
) -> FaultKind {
    let handled = linked_targets(target, registry).map(|entry| entry.subject.to_string());
    FaultKind::TargetMissing {
        handler: subscriber.info,
        event: subscriber.subject.to_string(),
        side,
        target,
        handled: handled.collect(),
        nearest: match target {
            Target::Function { .. } => None,
            Target::Id(id) => nearest(id, ids_beside(subscriber, registry)),
        },
    }
}

/// The ids of the other linked handlers of what `subscriber` handles.
fn ids_beside(subscriber: &Subscriber, registry: &Registry) -> Vec<&'static str> {
    let others = registry.handlers().iter().filter(|entry| {
        entry.info.id != subscriber.info.id
            && share_an_event(&subscriber.subject, &entry.subject, registry)
    });
    others.map(|entry| entry.info.id).collect()
}

fn is_target(subscriber: &Subscriber, target: Target) -> bool {
    match target {
        Target::Function { type_id, .. } => subscriber.is_function(type_id()),
        Target::Id(id) => subscriber.info.id == id,
    }
}

/// Whether the target is a handler of `event` that this bus was built without.
fn is_linked(target: Target, event: &EventInfo, registry: &Registry) -> bool {
    linked_targets(target, registry).any(|entry| entry.subject.includes(event))
}

fn linked_targets(
    target: Target,
    registry: &Registry,
) -> impl Iterator<Item = &'static LinkedHandler> {
    registry
        .handlers()
        .iter()
        .filter(move |entry| match target {
            Target::Function { type_id, .. } => entry.function == type_id(),
            Target::Id(id) => entry.info.id == id,
        })
}

/// Pairs of handlers that share an id which at least one of them was given on purpose.
pub(super) fn find_shared_ids(
    event: &EventInfo,
    subscribers: &[Route<'_>],
    faults: &mut Vec<FaultKind>,
) {
    for (index, subscriber) in subscribers.iter().enumerate() {
        let twin = subscribers[..index]
            .iter()
            .find(|earlier| share_id(&earlier.info, &subscriber.info));
        if let Some(twin) = twin {
            let (handler, other, event) = (twin.info, subscriber.info, event.name());
            faults.push(FaultKind::SharedId {
                handler,
                other,
                event,
            });
        }
    }
}

fn share_id(first: &HandlerInfo, second: &HandlerInfo) -> bool {
    first.id == second.id && (first.has_own_id || second.has_own_id)
}
