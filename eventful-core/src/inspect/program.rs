//! A program, put together from its records.

#[cfg(test)]
mod tests;

use std::collections::{HashMap, HashSet};
use std::fmt;

use super::event::{Event, Key, Listeners, Resolved, place, returned, side_name, target_text};
use super::fault::{Fault, FaultKind, named};
use super::record::{
    EventRecord, FamilyRecord, HandlerRecord, Record, RecordedMode, RecordedTarget,
};
use super::target::{self, Candidates};
use crate::wiring::{
    WiredEvent, WiredFamily, WiredHandler, WiredMode, WiredOrigin, WiredResource, Wiring,
    unique_names,
};

/// What the records of a program add up to: its wiring, which is that of [`Wiring::current`] within the program, and what is
/// wrong with it.
///
/// # Examples
///
/// ```
/// use eventful_core::inspect::{Program, parse};
///
/// let section = b"eventful 1 event\nin shop\nat src/lib.rs:3:12\nname shop::OrderCreated\nhandlers 1..\n\0";
/// let program = Program::new(parse(section)?);
/// assert_eq!(program.wiring().events()[0].name(), "shop::OrderCreated");
/// assert_eq!(program.faults().len(), 1); // nobody handles it
/// # Ok::<(), eventful_core::inspect::RecordError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Program {
    records: Vec<Record>,
    wiring: Wiring,
    faults: Vec<Fault>,
    unresolved: Vec<UnresolvedTarget>,
}

/// What a handler says about its place beside another one that cannot be found by the path it is written with, because it was
/// imported under another name, or several handlers end so. The order may then be another one than is shown.
///
/// `Display` names the handler and says what it says.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct UnresolvedTarget {
    handler: String,
    written: String,
}

impl UnresolvedTarget {
    /// Who says so: its id and its place.
    #[must_use]
    pub fn handler(&self) -> &str {
        &self.handler
    }

    /// What it says, as it is written: `after = saved`.
    #[must_use]
    pub fn written(&self) -> &str {
        &self.written
    }
}

impl fmt::Display for UnresolvedTarget {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} says `{}`", self.handler, self.written)
    }
}

impl Program {
    /// Puts the records of one program together.
    #[must_use]
    pub fn new(records: Vec<Record>) -> Self {
        let mut faults = Vec::new();
        let (wiring, unresolved) = Parts::new(&records).wire(&mut faults);
        Self {
            records,
            wiring,
            faults,
            unresolved,
        }
    }

    /// What it was put together from.
    #[must_use]
    pub fn records(&self) -> &[Record] {
        &self.records
    }

    /// What is wired to what. What the program's handlers are lent is there as it is written, and without its type.
    #[must_use]
    pub const fn wiring(&self) -> &Wiring {
        &self.wiring
    }

    /// What is wrong.
    #[must_use]
    pub fn faults(&self) -> &[Fault] {
        &self.faults
    }

    /// What could not be resolved.
    #[must_use]
    pub fn unresolved(&self) -> &[UnresolvedTarget] {
        &self.unresolved
    }
}

/// The records by kind.
struct Parts<'a> {
    events: Vec<&'a EventRecord>,
    families: Vec<&'a FamilyRecord>,
    handlers: Vec<&'a HandlerRecord>,
}

impl<'a> Parts<'a> {
    fn new(records: &'a [Record]) -> Self {
        let mut parts = Self {
            events: Vec::new(),
            families: Vec::new(),
            handlers: Vec::new(),
        };
        for record in records {
            match record {
                Record::Event(event) => parts.events.push(event),
                Record::Family(family) => parts.families.push(family),
                Record::Handler(handler) => parts.handlers.push(handler),
            }
        }
        // As the program's registry has them.
        parts
            .handlers
            .sort_by_cached_key(|handler| (handler.order, place(handler)));
        parts
    }

    fn wire(&self, faults: &mut Vec<Fault>) -> (Wiring, Vec<UnresolvedTarget>) {
        let mut events = self.events();
        self.find_shared_names(faults);
        let listeners = Listeners::new(self.handlers.iter().copied());
        let mut resolved = Resolved::default();
        for event in &mut events {
            event.route(&listeners, faults, &mut resolved);
        }
        let unresolved = self.find_missing_targets(&resolved, faults);
        let names = Names::new(&events);
        let families = self.families(&events, &names);
        let wired = events.iter().map(|event| names.event(event)).collect();
        (Wiring::new(wired, families, Vec::new()), unresolved)
    }

    /// Every event, and each instantiation of a generic one that a handler names or returns.
    fn events(&self) -> Vec<Event<'a>> {
        let mut generic = HashMap::new();
        let mut events = Vec::new();
        for &record in &self.events {
            if record.is_generic {
                let position = (record.position.line, record.position.column);
                generic.insert((&*record.name, position), record);
            } else {
                events.push(Event::new(Key::of_event(record), record));
            }
        }
        let handlers = self.handlers.iter();
        let handled = handlers
            .clone()
            .map(|handler| (Key::subject(handler), &handler.subject));
        let returned =
            handlers.flat_map(|handler| returned(handler).into_iter().zip(&handler.returns));
        let mut seen = HashSet::new();
        for (key, name) in handled.chain(returned) {
            if let Some(record) = generic.get(&(&*name.name, (name.line, name.column)))
                && seen.insert(key.clone())
            {
                events.push(Event::new(key, record));
            }
        }
        events
    }

    fn find_shared_names(&self, faults: &mut Vec<Fault>) {
        let mut events = self.events.clone();
        events.sort_by_key(|event| (&event.name, &event.position));
        for pair in events.chunk_by(|first, second| first.name == second.name) {
            if let [first, second, ..] = pair
                && pair.iter().any(|event| event.has_own_name)
            {
                let (name, at) = (&first.name, &second.position);
                let message = format!(
                    "two events are named `{name}`, at {} and at {at}; give one of them another `name = \"…\"`",
                    first.position
                );
                faults.push(Fault::new(FaultKind::SharedName, at, message));
            }
        }
    }

    /// What is said about handlers that are none of the same event; and what cannot be told, as it is returned.
    fn find_missing_targets(
        &self,
        resolved: &Resolved,
        faults: &mut Vec<Fault>,
    ) -> Vec<UnresolvedTarget> {
        let mut unresolved = Vec::new();
        let candidates = Candidates::new(self.handlers.iter().copied());
        for handler in &self.handlers {
            for (number, constraint) in handler.constraints.iter().enumerate() {
                if resolved.contains(handler, number) {
                    continue;
                }
                let target = &constraint.target;
                let found = target::find(target, handler, &candidates);
                let written = format!("{} = {}", side_name(constraint.side), target_text(target));
                let what = match (&*found, target) {
                    ([], RecordedTarget::Path(_)) => {
                        unresolved.push(UnresolvedTarget {
                            handler: named(handler),
                            written,
                        });
                        continue;
                    }
                    ([], RecordedTarget::Id(_)) => {
                        "no linked handler has that id; write the id of another handler of the same event, or \
                         `eventful::link!()` where the handler's crate is only named in Cargo.toml"
                            .to_owned()
                    }
                    (found, _) => {
                        let handled: Vec<_> =
                            found.iter().map(|it| &*it.subject.name).collect();
                        format!(
                            "that one handles `{}`; name a handler of the same event, or remove the option",
                            handled.join("`, `")
                        )
                    }
                };
                let message = format!(
                    "handler {} of `{}` says `{written}`, but {what}",
                    named(handler),
                    Key::subject(handler).name
                );
                faults.push(Fault::new(
                    FaultKind::TargetMissing,
                    &handler.position,
                    message,
                ));
            }
        }
        unresolved
    }

    /// Every family that an event or a handler names.
    fn families(&self, events: &[Event<'a>], names: &Names) -> Vec<WiredFamily> {
        let joined = events.iter().flat_map(|event| &event.record.families);
        let handled = self.handlers.iter().map(|handler| &handler.subject);
        let mut seen = HashSet::new();
        let all: Vec<_> = joined
            .chain(handled.filter(|subject| subject.is_family))
            .filter(|name| seen.insert(*name))
            .collect();
        let family = |name| {
            let key = Key::new(name, None);
            let record = self.families.iter().find(|record| {
                let place = (record.position.line, record.position.column);
                record.name == name.name && place == (name.line, name.column)
            });
            let members = events
                .iter()
                .filter(|event| event.record.families.contains(name) && !key.is_catch_all());
            let mut member_names: Vec<_> = members.clone().map(|it| names.of(&it.key)).collect();
            member_names.sort();
            let is_own = |it: &&&HandlerRecord| Key::subject(it) == key;
            let mut handlers: Vec<_> = self.handlers.iter().filter(is_own).copied().collect();
            handlers.sort_by_cached_key(|it| (it.order, place(it)));
            // As they run for a member that all of them handle as one.
            let reached = if key.is_catch_all() {
                events.iter().collect()
            } else {
                members.collect::<Vec<_>>()
            };
            let in_order = reached.iter().find_map(|event| {
                let own: Vec<_> = event.handlers.iter().filter(is_own).copied().collect();
                (own.len() == handlers.len()).then_some(own)
            });
            WiredFamily {
                name: name.name.clone(),
                position: record.map(|record| record.position.clone()),
                is_async: record.is_some_and(|record| record.is_async),
                members: member_names,
                handlers: in_order
                    .unwrap_or(handlers)
                    .into_iter()
                    .map(|handler| names.handler(handler))
                    .collect(),
            }
        };
        all.into_iter().map(family).collect()
    }
}

/// What each event is called.
struct Names(HashMap<Key, String>);

impl Names {
    fn new(events: &[Event<'_>]) -> Self {
        let events = events.iter();
        Self(unique_names(events.map(|event| {
            (event.key.clone(), event.name(), &event.record.position)
        })))
    }

    fn of(&self, event: &Key) -> String {
        let name = self.0.get(event);
        name.unwrap_or(&event.name).clone()
    }

    fn event(&self, event: &Event<'_>) -> WiredEvent {
        let record = event.record;
        let families = record.families.iter();
        let handlers = event.handlers.iter();
        WiredEvent {
            name: self.of(&event.key),
            position: record.position.clone(),
            mode: match record.mode {
                RecordedMode::Sync => WiredMode::Sync,
                RecordedMode::Async => WiredMode::Async,
                RecordedMode::Concurrent => WiredMode::Concurrent,
            },
            is_fail_fast: record.is_fail_fast,
            is_generic: record.is_generic && !record.has_own_name,
            families: families.map(|family| family.name.clone()).collect(),
            contract: event.contract().map(|contract| contract.to_string()),
            handlers: handlers.map(|handler| self.handler(handler)).collect(),
        }
    }

    fn handler(&self, handler: &HandlerRecord) -> WiredHandler {
        let mut returns: Vec<String> = Vec::new();
        for event in returned(handler) {
            let name = self.of(&event);
            if !returns.contains(&name) {
                returns.push(name);
            }
        }
        let constraints = handler.constraints.iter();
        let resources = handler.needs.iter();
        WiredHandler {
            id: handler.id(),
            position: handler.position.clone(),
            origin: WiredOrigin::Linked,
            order: handler.order,
            constraints: constraints
                .map(|it| format!("{} = {}", side_name(it.side), target_text(&it.target)))
                .collect(),
            is_async: handler.is_async,
            is_guarded: handler.is_guarded,
            family: handler
                .subject
                .is_family
                .then(|| handler.subject.name.clone()),
            resources: resources
                .map(|written| WiredResource {
                    written: written.clone(),
                    type_name: None,
                })
                .collect(),
            returns,
        }
    }
}
