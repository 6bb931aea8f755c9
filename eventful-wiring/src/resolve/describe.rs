//! From a plan to the wiring that people see.

use std::collections::{HashMap, HashSet};
use std::hash::Hash;

use super::{Declared, Plan, Reached, Subject};
use crate::handler::Source;
use crate::{
    DurableFacts, EventMode, HandlerOrigin, HandlerRun, WiredEvent, WiredFamily, WiredHandler,
    WiredPosition, WiredResource, Wiring,
};

/// The facts about an event that no rule needs.
#[derive(Debug)]
pub struct EventFacts {
    /// Its index among the declared events.
    pub index: usize,
    /// The way in which its handlers run.
    pub mode: EventMode,
    /// The facts that only a durable event has.
    pub durable: Option<DurableFacts>,
    /// The first failure stops the rest.
    pub is_fail_fast: bool,
    /// The type that each publish lends, as it is written.
    pub with: Option<String>,
    /// The names of the families it belongs to, as declared.
    pub families: Vec<String>,
    /// The facts that only records have.
    pub source: Source,
}

/// The facts about a handler that no rule needs.
#[derive(Debug)]
pub struct HandlerFacts<Key> {
    /// The origin of its body.
    pub origin: HandlerOrigin,
    /// It returns a future.
    pub is_async: bool,
    /// It has a guard.
    pub is_guarded: bool,
    /// The place in which it runs.
    pub run: HandlerRun,
    /// The resources it needs.
    pub resources: Vec<WiredResource>,
    /// The parameters that the publisher lends, as they are written.
    pub lent: Vec<String>,
    /// The events it may return, with their names.
    pub returns: Vec<(Key, String)>,
    /// The facts that only records have.
    pub source: Source,
}

/// The facts about a family that no rule needs.
#[derive(Debug)]
pub struct FamilyFacts<'a, Key> {
    /// The family.
    pub subject: Subject<'a, Key>,
    /// Its declaration; `None` for `dyn AnyEvent`.
    pub position: Option<WiredPosition>,
    /// Its handlers may be asynchronous.
    pub is_async: bool,
    /// Its members are durable.
    pub is_durable: bool,
}

/// Describes some of the declared events, all handlers, and the families of both. A family may be there several times.
#[must_use]
pub fn describe<Key: Copy + Eq + Hash>(
    declared: &Declared<'_, Key>,
    plan: &Plan,
    events: Vec<EventFacts>,
    handlers: Vec<HandlerFacts<Key>>,
    families: Vec<FamilyFacts<'_, Key>>,
) -> Wiring {
    let names = unique_names(declared, &events);
    let handlers = handlers.into_iter().zip(&declared.handlers);
    let description = Description {
        declared,
        plan,
        shown: events.iter().map(|event| event.index).collect(),
        handlers: handlers
            .map(|(facts, handler)| WiredHandler {
                id: handler.id.to_owned(),
                position: handler.position.owned(),
                origin: facts.origin,
                order: handler.order,
                constraints: handler
                    .constraints
                    .iter()
                    .map(ToString::to_string)
                    .collect(),
                is_async: facts.is_async,
                is_guarded: facts.is_guarded,
                run: facts.run,
                family: handler
                    .subject
                    .is_family
                    .then(|| handler.subject.to_string()),
                resources: facts.resources,
                lent: facts.lent,
                returns: names_of(facts.returns, &names),
                source: facts.source,
            })
            .collect(),
        names,
    };
    let mut seen = HashSet::new();
    let families = families.into_iter();
    let families = families
        .filter(|family| seen.insert(family.subject.key))
        .map(|family| description.family(family));
    Wiring::new(
        events
            .into_iter()
            .map(|event| description.event(event))
            .collect(),
        families.collect(),
    )
}

struct Description<'d, 'a, Key> {
    declared: &'d Declared<'a, Key>,
    plan: &'d Plan,
    shown: Vec<usize>,
    handlers: Vec<WiredHandler>,
    names: HashMap<Key, String>,
}

impl<Key: Copy + Eq + Hash> Description<'_, '_, Key> {
    fn event(&self, facts: EventFacts) -> WiredEvent {
        let event = &self.declared.events[facts.index];
        WiredEvent {
            name: self.names[&event.key].clone(),
            position: event.position.owned(),
            mode: facts.mode,
            durable: facts.durable,
            is_fail_fast: facts.is_fail_fast,
            is_generic: event.is_generic && !event.has_own_name,
            families: facts.families,
            contract: event.contract.map(|contract| contract.to_string()),
            with: facts.with,
            source: facts.source,
            handlers: self.handlers_of_event(facts.index),
        }
    }

    /// Those that run by themselves come behind the others, which have an order.
    fn handlers_of_event(&self, index: usize) -> Vec<WiredHandler> {
        let mut handlers = self.wired(self.plan.events[index].iter().map(|it| it.handler));
        handlers.sort_by_key(WiredHandler::is_separate);
        handlers
    }

    fn family(&self, facts: FamilyFacts<'_, Key>) -> WiredFamily {
        let key = facts.subject.key;
        let shown = self.shown.iter().copied();
        let members: Vec<usize> = shown
            .filter(|&event| self.declared.events[event].is_part_of(key))
            .collect();
        let mut names = Vec::new();
        if !facts.subject.is_catch_all() {
            let members = members.iter().map(|&event| self.declared.events[event].key);
            names.extend(members.map(|event| self.names[&event].clone()));
            names.sort();
        }
        WiredFamily {
            name: facts.subject.to_string(),
            position: facts.position,
            is_async: facts.is_async,
            is_durable: facts.is_durable,
            members: names,
            handlers: self.wired(self.handlers_of_family(key, &members).into_iter()),
        }
    }

    /// The handlers in the order in which they run for a member that reaches all of them as one; if there is none, by
    /// rank.
    fn handlers_of_family(&self, family: Key, members: &[usize]) -> Vec<usize> {
        let handlers = &self.declared.handlers;
        let is_own = |&index: &usize| handlers[index].subject.key == family;
        let mut own: Vec<usize> = (0..handlers.len()).filter(is_own).collect();
        own.sort_by_key(|&index| handlers[index].sort_key());
        let mut in_order = members.iter().map(|&event| {
            let reached = self.plan.events[event].iter();
            let reached = reached.map(|&Reached { handler, .. }| handler);
            reached.filter(is_own).collect::<Vec<_>>()
        });
        in_order
            .find(|in_order| in_order.len() == own.len())
            .unwrap_or(own)
    }

    fn wired(&self, handlers: impl Iterator<Item = usize>) -> Vec<WiredHandler> {
        handlers.map(|index| self.handlers[index].clone()).collect()
    }
}

/// A name for each event: of those that share one, the second by position has ` #2` after it, and so on.
fn unique_names<Key: Copy + Eq + Hash>(
    declared: &Declared<'_, Key>,
    events: &[EventFacts],
) -> HashMap<Key, String> {
    let events = events.iter().map(|event| &declared.events[event.index]);
    let mut events: Vec<_> = events.collect();
    events.sort_by_key(|event| (event.name, event.position));
    let same_name = events.chunk_by(|first, second| first.name == second.name);
    let names = same_name.flat_map(|events| events.iter().zip(1..));
    names
        .map(|(event, number)| match number {
            1 => (event.key, event.name.to_owned()),
            _ => (event.key, format!("{} #{number}", event.name)),
        })
        .collect()
}

/// The names of events, each once.
fn names_of<Key: Eq + Hash>(
    events: Vec<(Key, String)>,
    names: &HashMap<Key, String>,
) -> Vec<String> {
    let mut unique: Vec<String> = Vec::new();
    for (key, name) in events {
        let name = names.get(&key).cloned().unwrap_or(name);
        if !unique.contains(&name) {
            unique.push(name);
        }
    }
    unique
}
