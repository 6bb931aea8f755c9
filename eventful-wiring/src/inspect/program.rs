//! A program, put together from its records.

/// Tells if a parameter is what the publisher lends. Only the names of types are compared: a path may be written in
/// several ways.
fn is_lent(parameter: &str, with: Option<&str>) -> bool {
    let content = parameter
        .strip_prefix("Option<")
        .and_then(|content| content.strip_suffix('>'))
        .unwrap_or(parameter);
    let shared = content.trim_start_matches('&');
    shared.starts_with("mut ") || with.is_some_and(|with| type_name(with) == type_name(shared))
}

/// The name of a type without the path before it.
fn type_name(written: &str) -> &str {
    let path = &written[..written.find('<').unwrap_or(written.len())];
    let start = path.rfind("::").map_or(0, |colons| colons + 2);
    &written[start..]
}

#[cfg(test)]
mod tests;

use std::collections::{HashMap, HashSet};
use std::fmt;

use super::path::Functions;
use super::record::{
    CrateInfo, EventRecord, FamilyRecord, HandlerRecord, Record, RecordedName, RecordedTarget,
};
use crate::handler::CATCH_ALL;
use crate::resolve::{
    Constraint, Declared, DeclaredEvent, DeclaredHandler, EventFacts, FamilyFacts, Fault,
    FaultKind, HandlerFacts, Subject, Target, describe,
};
use crate::{HandlerOrigin, HandlerRun, Source, WiredPosition, WiredResource, Wiring};

/// A program that was put together from its records: the wiring that `Bus::builder().wiring()` has within the program,
/// and the faults.
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
        let events = parts.events();
        let declared = Declared {
            events: parts.declared_events(&events),
            handlers: parts.declared_handlers(),
            linked: None,
            is_full: true,
        };
        let plan = declared.resolve();
        let is_heard = |index: usize| {
            let mut reached = plan.events[index].iter();
            reached.any(|it| !declared.handlers[it.handler].subject.is_catch_all())
        };
        let event_facts = events.iter().enumerate();
        let event_facts = event_facts.filter(|(index, it)| !it.is_stand_in || is_heard(*index));
        let wiring = describe(
            &declared,
            &plan,
            event_facts
                .map(|(index, event)| event.facts(index))
                .collect(),
            parts
                .handlers
                .iter()
                .map(|handler| handler.facts(parts.with(handler), parts.is_durable(handler)))
                .collect(),
            parts.family_facts(&events),
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

/// The key of an event or a family: its name and the line and column of its declaration. Of a function it is the path.
type Key<'a> = (&'a str, u32, u32);

/// The records by kind. Events and handlers are sorted as the program's registry sorts them.
struct Parts<'a> {
    events: Vec<&'a EventRecord>,
    /// The generic events that are in families, each with the name that stands for its instantiations.
    generic_events: Vec<(String, &'a EventRecord)>,
    families: Vec<&'a FamilyRecord>,
    handlers: Vec<Handler<'a>>,
}

/// A handler and the names that its record does not have as they are.
struct Handler<'a> {
    record: &'a HandlerRecord,
    id: String,
    path: String,
    /// The event or the family that it handles, with the arguments of a generic event.
    subject: RecordedName,
    /// The events that it may return, with the arguments of generic ones.
    returns: Vec<RecordedName>,
}

/// An event or an instantiation of a generic one, with the record of its type; or what stands for all instantiations.
struct Event<'a> {
    key: Key<'a>,
    record: &'a EventRecord,
    /// It is there because a handler handles it, not only because one returns it.
    is_handled: bool,
    is_stand_in: bool,
}

impl<'a> Handler<'a> {
    fn new(record: &'a HandlerRecord) -> Self {
        Self {
            record,
            id: record.id(),
            path: record.path(),
            subject: instance(&record.subject, record.subject_as.as_deref()),
            returns: returned(record),
        }
    }

    fn declared<'d>(
        &'d self,
        functions: &Functions<'d>,
        is_durable: bool,
    ) -> DeclaredHandler<'d, Key<'d>> {
        let constraints = self.record.constraints.iter().map(|constraint| Constraint {
            side: constraint.side,
            target: match &constraint.target {
                RecordedTarget::Id(id) => Target::Id(id),
                RecordedTarget::Path(written) => {
                    let (exact, likely) = functions.find(written, self.record);
                    Target::Function {
                        written,
                        exact: exact.into_iter().map(function_key).collect(),
                        likely: likely.into_iter().map(function_key).collect(),
                    }
                }
            },
        });
        DeclaredHandler {
            id: &self.id,
            has_own_id: self.record.own_id.is_some(),
            order: self.record.order,
            position: self.record.position.borrowed(),
            rank: None,
            subject: subject(&self.subject),
            function: Some(function_key(&self.path)),
            constraints: constraints.collect(),
            is_separate: is_durable && !self.record.is_in_transaction,
        }
    }

    /// `with` is what each publish of its event lends.
    fn facts(&self, with: Option<&str>, is_durable: bool) -> HandlerFacts<Key<'_>> {
        let needed = self.record.needs.iter().cloned();
        let (lent, resources): (Vec<_>, Vec<_>) = needed.partition(|it| is_lent(it, with));
        let returned = self.returns.iter();
        HandlerFacts {
            origin: HandlerOrigin::Linked,
            is_async: self.record.is_async,
            is_guarded: self.record.is_guarded,
            run: match (is_durable, self.record.is_in_transaction) {
                (false, _) => HandlerRun::InPublish,
                (true, true) => HandlerRun::InTransaction,
                (true, false) => HandlerRun::Separate(self.record.separate.clone()),
            },
            resources: resources
                .into_iter()
                .map(|written| WiredResource::new(written, None))
                .collect(),
            lent,
            returns: returned
                .map(|event| (key(event), event.name.clone()))
                .collect(),
            source: source(&self.record.package, self.record.doc.as_ref()),
        }
    }
}

impl Event<'_> {
    /// The key's name, which has the arguments; or the name that it was given, which all instantiations share.
    fn name(&self) -> &str {
        if self.has_own_name() {
            &self.record.name
        } else {
            self.key.0
        }
    }

    fn has_own_name(&self) -> bool {
        self.record.has_own_name && !self.is_stand_in
    }

    fn facts(&self, index: usize) -> EventFacts {
        let families = self.record.families.iter();
        EventFacts {
            index,
            mode: self.record.mode,
            durable: self.record.durable,
            is_fail_fast: self.record.is_fail_fast,
            with: self.record.with.clone(),
            families: families.map(|family| family.name.clone()).collect(),
            source: source(&self.record.package, self.record.doc.as_ref()),
        }
    }
}

impl<'a> Parts<'a> {
    fn new(records: &'a [Record]) -> Self {
        let mut parts = Self {
            events: Vec::new(),
            generic_events: Vec::new(),
            families: Vec::new(),
            handlers: Vec::new(),
        };
        for record in records {
            match record {
                Record::Event(event) => parts.events.push(event),
                Record::Family(family) => parts.families.push(family),
                Record::Handler(handler) => parts.handlers.push(Handler::new(handler)),
            }
        }
        let events = &mut parts.events;
        events.sort_by(|a, b| (&a.position, &a.name).cmp(&(&b.position, &b.name)));
        let generic = events
            .iter()
            .filter(|it| it.is_generic && !it.families.is_empty());
        parts.generic_events = generic.map(|it| (format!("{}<_>", it.name), *it)).collect();
        parts.handlers.sort_by(|a, b| {
            let order = |it: &Handler<'a>| (it.record.order, &it.record.position);
            order(a).cmp(&order(b)).then_with(|| a.id.cmp(&b.id))
        });
        parts
    }

    /// The type that each publish of the handler's event lends.
    fn with(&self, handler: &Handler<'_>) -> Option<&str> {
        let subject = key(&handler.record.subject);
        let is_subject = |event: &&&EventRecord| {
            let position = &event.position;
            (&*event.name, position.line(), position.column()) == subject
        };
        self.events.iter().find(is_subject)?.with.as_deref()
    }

    /// Returns true if the handler handles durable events.
    fn is_durable(&self, handler: &Handler<'_>) -> bool {
        let subject = &handler.record.subject;
        let is_subject = |name: &str, position: &WiredPosition| {
            (name, position.line(), position.column()) == key(subject)
        };
        if subject.is_family {
            let mut families = self.families.iter();
            return families.any(|it| it.is_durable && is_subject(&it.name, &it.position));
        }
        let mut events = self.events.iter();
        events.any(|it| it.durable.is_some() && is_subject(&it.name, &it.position))
    }

    /// Every event, each instantiation of a generic one that a handler handles or returns, and what stands for others.
    fn events(&self) -> Vec<Event<'_>> {
        let mut generic = HashMap::new();
        let mut events = Vec::new();
        for &record in &self.events {
            let (line, column) = (record.position.line(), record.position.column());
            let key = (&*record.name, line, column);
            if record.is_generic {
                generic.insert(key, record);
            } else {
                events.push(Event {
                    key,
                    record,
                    is_handled: true,
                    is_stand_in: false,
                });
            }
        }
        let handlers = self.handlers.iter();
        let handled = handlers
            .clone()
            .map(|handler| (&handler.subject, &handler.record.subject, true));
        let returned = handlers.flat_map(|handler| {
            let returned = handler.returns.iter().zip(&handler.record.returns);
            returned.map(|(instance, event)| (instance, event, false))
        });
        let mut seen = HashSet::new();
        for (instance, event, is_handled) in handled.chain(returned) {
            let instance = key(instance);
            if let Some(&record) = generic.get(&key(event))
                && seen.insert(instance)
            {
                events.push(Event {
                    key: instance,
                    record,
                    is_handled,
                    is_stand_in: false,
                });
            }
        }
        events.extend(self.generic_events.iter().map(|(name, record)| Event {
            key: (name, record.position.line(), record.position.column()),
            record,
            is_handled: false,
            is_stand_in: true,
        }));
        events
    }

    fn declared_events<'d>(&'d self, events: &'d [Event<'_>]) -> Vec<DeclaredEvent<'d, Key<'d>>> {
        let mut subjects = self.handlers.iter().map(|handler| &handler.subject);
        let catch_all = subjects.find(|subject| subject.is_family && subject.name == CATCH_ALL);
        let declared = events.iter().map(|event| DeclaredEvent {
            key: event.key,
            name: event.name(),
            position: event.record.position.borrowed(),
            has_own_name: event.has_own_name(),
            is_generic: event.record.is_generic,
            is_reported: event.is_handled,
            contract: event.record.contract,
            families: event
                .record
                .families
                .iter()
                .chain(catch_all.filter(|_| event.record.durable.is_none()))
                .map(key)
                .collect(),
        });
        declared.collect()
    }

    fn declared_handlers(&self) -> Vec<DeclaredHandler<'_, Key<'_>>> {
        let functions = Functions::new(self.handlers.iter().map(|handler| &*handler.path));
        let handlers = self.handlers.iter();
        handlers
            .map(|handler| handler.declared(&functions, self.is_durable(handler)))
            .collect()
    }

    /// The families that events and handlers name.
    fn family_facts<'d>(&'d self, events: &'d [Event<'_>]) -> Vec<FamilyFacts<'d, Key<'d>>> {
        let of_events = events.iter().flat_map(|event| &event.record.families);
        let of_handlers = self.handlers.iter().map(|handler| &handler.subject);
        let families = of_events.chain(of_handlers.filter(|subject| subject.is_family));
        let facts = families.map(|name| {
            let record = self.families.iter().find(|record| {
                let position = (record.position.line(), record.position.column());
                record.name == name.name && position == (name.line, name.column)
            });
            FamilyFacts {
                subject: subject(name),
                position: record.map(|record| record.position.clone()),
                is_async: record.is_some_and(|record| record.is_async),
                is_durable: record.is_some_and(|record| record.is_durable),
            }
        });
        facts.collect()
    }
}

fn key(name: &RecordedName) -> Key<'_> {
    (&name.name, name.line, name.column)
}

fn function_key(path: &str) -> Key<'_> {
    (path, 0, 0)
}

fn subject(name: &RecordedName) -> Subject<'_, Key<'_>> {
    let family = name.name.strip_prefix("dyn ").filter(|_| name.is_family);
    Subject {
        key: key(name),
        name: family.unwrap_or(&name.name),
        is_family: name.is_family,
    }
}

/// The name with the arguments of a generic event. `written` is the type as it is written.
fn instance(name: &RecordedName, written: Option<&str>) -> RecordedName {
    let mut instance = name.clone();
    if name.is_generic {
        let arguments = written.and_then(|written| written.find('<').map(|at| &written[at..]));
        instance.name.push_str(arguments.unwrap_or("<_>"));
    }
    instance
}

/// The events that a handler may return, in order.
fn returned(handler: &HandlerRecord) -> Vec<RecordedName> {
    let mut written: Vec<&str> = handler.returns_as.iter().map(String::as_str).collect();
    let returned = handler.returns.iter().map(|event| {
        if !event.is_generic || written.is_empty() {
            return instance(event, None);
        }
        // The first one with its name. It may have been given another one, or be written as an alias.
        let base = event.name.rsplit("::").next().unwrap_or_default();
        let is_instance = |written: &&str| {
            let behind = written.strip_prefix(base);
            behind.is_some_and(|arguments| arguments.starts_with('<'))
        };
        let index = written.iter().position(is_instance).unwrap_or(0);
        instance(event, Some(written.remove(index)))
    });
    returned.collect()
}

fn source(package: &CrateInfo, doc: Option<&String>) -> Source {
    Source {
        package: Some(package.name.clone()),
        doc: doc.cloned(),
    }
}
