//! A program, put together from its records.

#[cfg(test)]
mod tests;

use std::collections::{HashMap, HashSet};
use std::fmt;

use super::key::{Key, Keys};
use super::path::Functions;
use super::record::{
    CrateInfo, EventRecord, FamilyRecord, HandlerRecord, Record, RecordedName, RecordedTarget,
};
use crate::handler::CATCH_ALL;
use crate::resolve::{
    Constraint, Declared, DeclaredEvent, DeclaredHandler, EventFacts, FamilyFacts, Fault,
    FaultKind, HandlerFacts, Subject, Target, describe,
};
use crate::{HandlerOrigin, Source, WiredResource, Wiring};

/// A program as its records describe it: the wiring that `Bus::builder().wiring()` has within the program, and the faults.
///
/// # Examples
///
/// ```
/// use eventful_wiring::inspect::{Program, parse};
///
/// let section = b"eventful 1 event\nin shop\nat src/lib.rs:3:12\nname shop::OrderCreated\nhandlers 1..\n\0";
/// let program = Program::new(parse(section)?);
/// assert_eq!(program.wiring().events()[0].name(), "shop::OrderCreated");
/// assert_eq!(program.faults().len(), 1); // nobody handles it
/// # Ok::<(), eventful_wiring::inspect::RecordError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Program {
    records: Vec<Record>,
    wiring: Wiring,
    faults: Vec<Fault>,
    unresolved: Vec<UnresolvedTarget>,
}

/// A constraint whose target cannot be found by the path that is written, because it was imported under another name,
/// or because several paths end so. The order may then differ from the one that is shown.
///
/// `Display` gives the handler and its constraint.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct UnresolvedTarget {
    handler: String,
    written: String,
}

impl UnresolvedTarget {
    /// The handler: its id and its position.
    #[must_use]
    pub fn handler(&self) -> &str {
        &self.handler
    }

    /// The constraint, as it is written: `after = saved`.
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
        let parts = Parts::new(&records);
        let texts = Texts::new(&parts);
        let mut keys = Keys::default();
        let events = parts.events();
        let declared = Declared {
            events: parts.declared_events(&events, &mut keys),
            handlers: parts.declared_handlers(&texts, &mut keys),
            linked: None,
            is_full: true,
        };
        let plan = declared.resolve();
        let wiring = describe(
            &declared,
            &plan,
            events
                .iter()
                .enumerate()
                .map(|(index, event)| event.facts(index))
                .collect(),
            parts
                .handlers
                .iter()
                .map(|handler| handler_facts(handler, &mut keys))
                .collect(),
            parts.family_facts(&events, &mut keys),
        );
        // rustc has found the function, so that only its path misleads.
        let (misled, faults): (Vec<_>, Vec<_>) = plan
            .faults
            .into_iter()
            .partition(|fault| fault.kind() == FaultKind::NotAHandler);
        let unresolved = misled.iter().filter_map(Fault::constraint);
        let unresolved = unresolved.map(|(handler, constraint)| {
            let handler = &declared.handlers[handler];
            UnresolvedTarget {
                handler: handler.to_string(),
                written: handler.constraints[constraint].to_string(),
            }
        });
        Self {
            unresolved: unresolved.collect(),
            records,
            wiring,
            faults,
        }
    }

    /// The records.
    #[must_use]
    pub fn records(&self) -> &[Record] {
        &self.records
    }

    /// The wiring. It has the resources of handlers as they are written, and without their types.
    #[must_use]
    pub const fn wiring(&self) -> &Wiring {
        &self.wiring
    }

    /// The faults.
    #[must_use]
    pub fn faults(&self) -> &[Fault] {
        &self.faults
    }

    /// The constraints that could not be resolved.
    #[must_use]
    pub fn unresolved(&self) -> &[UnresolvedTarget] {
        &self.unresolved
    }
}

/// The records by kind. Events and handlers are sorted as the program's registry sorts them.
struct Parts<'a> {
    events: Vec<&'a EventRecord>,
    families: Vec<&'a FamilyRecord>,
    handlers: Vec<&'a HandlerRecord>,
}

/// The texts of handlers that no record has as it is.
struct Texts {
    ids: Vec<String>,
    subjects: Vec<String>,
}

/// An event or an instantiation of a generic one, with the record of its type.
struct Event<'a> {
    key: Key,
    record: &'a EventRecord,
    /// It is there because a handler handles it, not only because one returns it.
    is_handled: bool,
}

impl Texts {
    fn new(parts: &Parts<'_>) -> Self {
        let subject = |handler: &HandlerRecord| Key::subject(handler).name;
        Self {
            ids: parts.handlers.iter().map(|handler| handler.id()).collect(),
            subjects: parts
                .handlers
                .iter()
                .map(|handler| subject(handler))
                .collect(),
        }
    }
}

impl Event<'_> {
    /// The key's name, which has the arguments; or the name that it was given, which all instantiations share.
    fn name(&self) -> &str {
        if self.record.has_own_name {
            &self.record.name
        } else {
            &self.key.name
        }
    }

    fn facts(&self, index: usize) -> EventFacts {
        let families = self.record.families.iter();
        EventFacts {
            index,
            mode: self.record.mode,
            is_fail_fast: self.record.is_fail_fast,
            families: families.map(|family| family.name.clone()).collect(),
            source: source(&self.record.package, self.record.doc.as_ref()),
        }
    }
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
        let events = &mut parts.events;
        events.sort_by(|a, b| (&a.position, &a.name).cmp(&(&b.position, &b.name)));
        parts
            .handlers
            .sort_by_cached_key(|handler| (handler.order, &handler.position, handler.id()));
        parts
    }

    /// Every event, and each instantiation of a generic one that a handler handles or returns.
    fn events(&self) -> Vec<Event<'a>> {
        let mut generic = HashMap::new();
        let mut events = Vec::new();
        for &record in &self.events {
            if record.is_generic {
                let position = (record.position.line(), record.position.column());
                generic.insert((&*record.name, position), record);
            } else {
                events.push(Event {
                    key: Key::of_event(record),
                    record,
                    is_handled: true,
                });
            }
        }
        let handlers = self.handlers.iter();
        let handled = handlers
            .clone()
            .map(|handler| (Key::subject(handler), &handler.subject, true));
        let returned = handlers.flat_map(|handler| {
            let returned = Key::returned(handler).into_iter().zip(&handler.returns);
            returned.map(|(key, name)| (key, name, false))
        });
        let mut seen = HashSet::new();
        for (key, name, is_handled) in handled.chain(returned) {
            if let Some(record) = generic.get(&(&*name.name, (name.line, name.column)))
                && seen.insert(key.clone())
            {
                events.push(Event {
                    key,
                    record,
                    is_handled,
                });
            }
        }
        events
    }

    fn declared_events<'d>(
        &self,
        events: &'d [Event<'_>],
        keys: &mut Keys,
    ) -> Vec<DeclaredEvent<'d, usize>> {
        let subjects = self.handlers.iter().map(|handler| &handler.subject);
        let catch_all = subjects
            .filter(|subject| subject.is_family && subject.name == CATCH_ALL)
            .map(|subject| Key::new(subject, None))
            .next();
        let declared = events.iter().map(|event| {
            let families = event.record.families.iter();
            let families = families.map(|family| Key::new(family, None));
            DeclaredEvent {
                key: keys.number(event.key.clone()),
                name: event.name(),
                position: event.record.position.borrowed(),
                has_own_name: event.record.has_own_name,
                is_generic: event.record.is_generic,
                is_reported: event.is_handled,
                contract: event.record.contract,
                families: families
                    .chain(catch_all.clone())
                    .map(|family| keys.number(family))
                    .collect(),
            }
        });
        declared.collect()
    }

    fn declared_handlers<'d>(
        &'d self,
        texts: &'d Texts,
        keys: &mut Keys,
    ) -> Vec<DeclaredHandler<'d, usize>> {
        let mut functions = Functions::default();
        let numbers = self
            .handlers
            .iter()
            .map(|handler| functions.number(handler));
        let numbers: Vec<usize> = numbers.collect();
        let declared = self.handlers.iter().enumerate().map(|(index, handler)| {
            let (id, position) = (&*texts.ids[index], handler.position.borrowed());
            let constraints = handler.constraints.iter().map(|constraint| Constraint {
                side: constraint.side,
                target: match &constraint.target {
                    RecordedTarget::Id(id) => Target::Id(id),
                    RecordedTarget::Path(written) => {
                        let (exact, likely) = functions.find(written, handler);
                        Target::Function {
                            written,
                            exact,
                            likely,
                        }
                    }
                },
            });
            DeclaredHandler {
                id,
                has_own_id: handler.own_id.is_some(),
                order: handler.order,
                position,
                rank: None,
                subject: subject(
                    &handler.subject,
                    Key::subject(handler),
                    &texts.subjects[index],
                    keys,
                ),
                function: Some(numbers[index]),
                constraints: constraints.collect(),
            }
        });
        declared.collect()
    }

    /// The families that events and handlers name.
    fn family_facts(&self, events: &[Event<'a>], keys: &mut Keys) -> Vec<FamilyFacts<'a, usize>> {
        let of_events = events.iter().flat_map(|event| &event.record.families);
        let of_handlers = self.handlers.iter().map(|handler| &handler.subject);
        let families = of_events.chain(of_handlers.filter(|subject| subject.is_family));
        let facts = families.map(|name| {
            let record = self.families.iter().find(|record| {
                let position = (record.position.line(), record.position.column());
                record.name == name.name && position == (name.line, name.column)
            });
            FamilyFacts {
                subject: subject(name, Key::new(name, None), &name.name, keys),
                position: record.map(|record| record.position.clone()),
                is_async: record.is_some_and(|record| record.is_async),
            }
        });
        facts.collect()
    }
}

fn subject<'a>(
    name: &RecordedName,
    key: Key,
    text: &'a str,
    keys: &mut Keys,
) -> Subject<'a, usize> {
    let family = text.strip_prefix("dyn ").filter(|_| name.is_family);
    Subject {
        key: keys.number(key),
        name: family.unwrap_or(text),
        is_family: name.is_family,
    }
}

fn handler_facts(handler: &HandlerRecord, keys: &mut Keys) -> HandlerFacts<usize> {
    let resources = handler.needs.iter();
    let returned = Key::returned(handler).into_iter();
    HandlerFacts {
        origin: HandlerOrigin::Linked,
        is_async: handler.is_async,
        is_guarded: handler.is_guarded,
        resources: resources
            .map(|written| WiredResource::new(written.clone(), None))
            .collect(),
        returns: returned
            .map(|key| (keys.number(key.clone()), key.name))
            .collect(),
        source: source(&handler.package, handler.doc.as_ref()),
    }
}

fn source(package: &CrateInfo, doc: Option<&String>) -> Source {
    Source {
        package: Some(package.name.clone()),
        doc: doc.cloned(),
    }
}
