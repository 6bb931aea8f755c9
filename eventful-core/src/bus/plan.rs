//! The adapter from the handlers of a bus to the rules of the wiring.

use std::any::TypeId;
use std::collections::{HashMap, HashSet};

use eventful_wiring::HandlerOrigin;
use eventful_wiring::resolve::{
    self, Declared, DeclaredEvent, DeclaredHandler, Plan, Reached, Target as ResolvedTarget,
};

use crate::event::{EventInfo, MemberOf, Subject};
use crate::handler::{Constraint, HandlerInfo, Target};
use crate::registry::{BusHandler, Registry};
use crate::report::{WiringError, WiringFault};

/// The handlers of a bus, with what the rules say about them.
pub(super) struct BusPlan<'a> {
    pub(super) handlers: &'a [BusHandler],
    pub(super) events: Vec<&'static EventInfo>,
    pub(super) declared: Declared<'a, TypeId>,
    pub(super) plan: Plan,
}

impl<'a> BusPlan<'a> {
    /// Plans every registered event, at its index, and then the instantiations of generic ones that handlers name. With
    /// `for_wiring` it also plans those that handlers return, and the stand-ins for all others.
    pub(super) fn new(handlers: &'a [BusHandler], is_full: bool, for_wiring: bool) -> Self {
        let registry = Registry::get();
        let mut events = registry.events().to_vec();
        let mut generic = instantiations(handlers).peekable();
        if generic.peek().is_some() {
            add_new(&mut events, generic);
        }
        let reported = events.len();
        if handlers
            .iter()
            .any(|handler| !handler.constraints.is_empty())
        {
            // A constraint may name a handler that this bus was built without.
            add_new(&mut events, instantiations(registry.handlers()));
        }
        if for_wiring {
            add_new(&mut events, handlers.iter().flat_map(BusHandler::returned));
            events.extend(registry.generic_events());
        }
        let declared_events = events.iter().enumerate();
        let declared = Declared {
            events: declared_events
                .map(|(index, event)| declare_event(event, index < reported))
                .collect(),
            handlers: handlers.iter().map(declare_handler).collect(),
            linked: Some(linked),
            is_full,
        };
        Self {
            handlers,
            events,
            plan: declared.resolve(),
            declared,
        }
    }

    /// Everything that is wrong.
    pub(super) fn faults(&self) -> impl Iterator<Item = WiringFault> {
        faults(self.handlers, &self.plan)
    }

    /// The events with tables of their own, and what they reach.
    pub(super) fn tables(&self) -> impl Iterator<Item = (&'static EventInfo, &[Reached])> {
        let planned = self.events.iter().zip(&self.plan.events);
        let reported = planned
            .zip(&self.declared.events)
            .filter(|(_, event)| event.is_reported);
        reported.map(|((event, reached), _)| (*event, &**reached))
    }

    /// The handlers of each durable event, in order.
    pub(super) fn of_durable(&self) -> HashMap<TypeId, Box<[HandlerInfo]>> {
        let durable = self.tables().filter(|(event, _)| event.is_durable());
        let infos = |reached: &[Reached]| {
            let reached = reached.iter();
            reached.map(|it| self.handlers[it.handler].info).collect()
        };
        durable
            .map(|(event, reached)| (event.type_id(), infos(reached)))
            .collect()
    }
}

/// Plans one event, an instantiation of a generic one.
pub(super) fn plan_event(
    event: &'static EventInfo,
    handlers: &[BusHandler],
    is_full: bool,
) -> Result<Vec<Reached>, WiringError> {
    let declared = Declared {
        events: vec![declare_event(event, true)],
        handlers: handlers.iter().map(declare_handler).collect(),
        linked: Some(linked),
        is_full,
    };
    let mut plan = declared.resolve_event(0);
    match faults(handlers, &plan).collect::<Vec<_>>() {
        faults if faults.is_empty() => Ok(plan.events.remove(0)),
        faults => Err(WiringError::new(faults)),
    }
}

fn faults(handlers: &[BusHandler], plan: &Plan) -> impl Iterator<Item = WiringFault> {
    plan.faults.iter().map(|fault| {
        let handler = fault.handler().map(|index| handlers[index].info);
        WiringFault::of(handler, fault.to_string())
    })
}

/// The instantiations of generic events that handlers name. They are not in the registry.
fn instantiations(handlers: &[BusHandler]) -> impl Iterator<Item = &'static EventInfo> {
    handlers.iter().filter_map(|handler| match handler.subject {
        Subject::Event(event) if event.index().is_none() => Some(event),
        _ => None,
    })
}

/// Adds those of `more` that are not there yet.
fn add_new(
    events: &mut Vec<&'static EventInfo>,
    more: impl IntoIterator<Item = &'static EventInfo>,
) {
    let mut seen: HashSet<TypeId> = events.iter().copied().map(EventInfo::type_id).collect();
    let is_new = |event: &&'static EventInfo| seen.insert(EventInfo::type_id(event));
    events.extend(more.into_iter().filter(is_new));
}

fn linked() -> Vec<DeclaredHandler<'static, TypeId>> {
    Registry::get()
        .handlers()
        .iter()
        .map(declare_handler)
        .collect()
}

fn declare_event(event: &'static EventInfo, is_reported: bool) -> DeclaredEvent<'static, TypeId> {
    DeclaredEvent {
        key: event.type_id(),
        name: event.name(),
        position: event.position(),
        has_own_name: event.declaration.has_own_name,
        is_generic: event.index().is_none(),
        is_reported,
        contract: event.declaration.contract,
        families: event.memberships().map(MemberOf::family).collect(),
    }
}

fn declare_handler(handler: &BusHandler) -> DeclaredHandler<'static, TypeId> {
    let info = &handler.info;
    DeclaredHandler {
        id: info.id,
        has_own_id: info.has_own_id,
        order: info.order,
        position: info.position,
        rank: match handler.origin() {
            HandlerOrigin::Linked => None,
            _ => Some(Box::new(handler.rank())),
        },
        subject: declare_subject(handler.subject),
        function: handler.function,
        constraints: handler.constraints.iter().map(declare_constraint).collect(),
        is_separate: handler.separate.is_some(),
    }
}

pub(super) fn declare_subject(subject: Subject) -> resolve::Subject<'static, TypeId> {
    resolve::Subject {
        key: subject.type_id(),
        name: match subject {
            Subject::Event(event) => event.name(),
            Subject::Family(family) => family.name,
        },
        is_family: matches!(subject, Subject::Family(_)),
    }
}

fn declare_constraint(constraint: &Constraint) -> resolve::Constraint<'static, TypeId> {
    resolve::Constraint {
        side: constraint.side,
        target: match constraint.target {
            Target::Function { type_id, written } => ResolvedTarget::Function {
                written,
                exact: vec![type_id()],
                likely: Vec::new(),
            },
            Target::Id(id) => ResolvedTarget::Id(id),
        },
    }
}
