//! The records of a program by kind.

use std::collections::{HashMap, HashSet};

use super::event::Event;
use super::handler::Handler;
use super::names::{Key, declared_key, key, subject};
use crate::HandlerRun;
use crate::handler::CATCH_ALL;
use crate::inspect::path::Functions;
use crate::inspect::record::{EventRecord, FamilyRecord, HandlerRecord, Record};
use crate::resolve::{DeclaredEvent, DeclaredHandler, FamilyFacts, HandlerFacts};

/// The records by kind. Events and handlers are sorted as the program's registry sorts them.
pub(super) struct Parts<'a> {
    events: Vec<&'a EventRecord>,
    /// The generic events that are in families, each with the name that stands for its instantiations.
    generic_events: Vec<(String, &'a EventRecord)>,
    families: Vec<&'a FamilyRecord>,
    handlers: Vec<Handler<'a>>,
}

impl<'a> Parts<'a> {
    pub(super) fn new(records: &'a [Record]) -> Self {
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
        let mut events = self.events.iter();
        let event = events.find(|it| declared_key(&it.name, &it.position) == subject);
        event?.with.as_deref()
    }

    /// The place in which the handler runs.
    fn run(&self, handler: &Handler<'_>) -> HandlerRun {
        let HandlerRecord {
            subject,
            is_in_transaction,
            separate,
            ..
        } = handler.record;
        let subject_key = key(subject);
        let is_durable = if subject.is_family {
            let mut families = self.families.iter();
            let family = families.find(|it| declared_key(&it.name, &it.position) == subject_key);
            family.is_some_and(|family| family.is_durable)
        } else {
            let mut events = self.events.iter();
            let event = events.find(|it| declared_key(&it.name, &it.position) == subject_key);
            event.is_some_and(|event| event.durable.is_some())
        };
        match (is_durable, is_in_transaction) {
            (false, _) => HandlerRun::InPublish,
            (true, true) => HandlerRun::InTransaction,
            (true, false) => HandlerRun::Separate(separate.clone()),
        }
    }

    /// Every event, each instantiation of a generic one that a handler handles or returns, and what stands for others.
    pub(super) fn events(&self) -> Vec<Event<'_>> {
        let mut generic = HashMap::new();
        let mut events = Vec::new();
        for &record in &self.events {
            let key = declared_key(&record.name, &record.position);
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
            key: declared_key(name, &record.position),
            record,
            is_handled: false,
            is_stand_in: true,
        }));
        events
    }

    pub(super) fn declared_events<'d>(
        &'d self,
        events: &'d [Event<'_>],
    ) -> Vec<DeclaredEvent<'d, Key<'d>>> {
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

    pub(super) fn declared_handlers(&self) -> Vec<DeclaredHandler<'_, Key<'_>>> {
        let functions = Functions::new(self.handlers.iter().map(|handler| &*handler.path));
        let handlers = self.handlers.iter();
        handlers
            .map(|handler| handler.declared(&functions, &self.run(handler)))
            .collect()
    }

    pub(super) fn handler_facts(&self) -> Vec<HandlerFacts<Key<'_>>> {
        let handlers = self.handlers.iter();
        handlers
            .map(|handler| handler.facts(self.with(handler), self.run(handler)))
            .collect()
    }

    /// The families that events and handlers name.
    pub(super) fn family_facts<'d>(
        &'d self,
        events: &'d [Event<'_>],
    ) -> Vec<FamilyFacts<'d, Key<'d>>> {
        let of_events = events.iter().flat_map(|event| &event.record.families);
        let of_handlers = self.handlers.iter().map(|handler| &handler.subject);
        let families = of_events.chain(of_handlers.filter(|subject| subject.is_family));
        let facts = families.map(|name| {
            let mut records = self.families.iter();
            let record = records.find(|it| declared_key(&it.name, &it.position) == key(name));
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
