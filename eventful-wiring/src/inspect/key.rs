//! The keys of events and families, as records refer to them.

use std::collections::HashMap;

use super::record::{EventRecord, HandlerRecord, RecordedName};

/// A key of an event or a family: of a generic event, with the arguments.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(super) struct Key {
    pub(super) name: String,
    line: u32,
    column: u32,
}

impl Key {
    pub(super) fn of_event(event: &EventRecord) -> Self {
        Self {
            name: event.name.clone(),
            line: event.position.line(),
            column: event.position.column(),
        }
    }

    /// `written` is the type as it is written: it has the arguments of a generic event.
    pub(super) fn new(name: &RecordedName, written: Option<&str>) -> Self {
        let RecordedName { line, column, .. } = *name;
        let arguments = written.and_then(|written| written.find('<').map(|at| &written[at..]));
        let name = match (name.is_generic, arguments) {
            (false, _) => name.name.clone(),
            (true, Some(arguments)) => format!("{}{arguments}", name.name),
            (true, None) => format!("{}<_>", name.name),
        };
        Self { name, line, column }
    }

    pub(super) fn subject(handler: &HandlerRecord) -> Self {
        Self::new(&handler.subject, handler.subject_as.as_deref())
    }

    /// The events that a handler may return, in order.
    pub(super) fn returned(handler: &HandlerRecord) -> Vec<Self> {
        let mut written: Vec<&str> = handler.returns_as.iter().map(String::as_str).collect();
        let keys = handler.returns.iter().map(|event| {
            if !event.is_generic || written.is_empty() {
                return Self::new(event, None);
            }
            // The first one with its name. It may have been given another one, or be written as an alias.
            let base = event.name.rsplit("::").next().unwrap_or_default();
            let is_instance = |written: &&str| {
                let behind = written.strip_prefix(base);
                behind.is_some_and(|arguments| arguments.starts_with('<'))
            };
            let index = written.iter().position(is_instance).unwrap_or(0);
            Self::new(event, Some(written.remove(index)))
        });
        keys.collect()
    }
}

/// A number for each key.
#[derive(Default)]
pub(super) struct Keys(HashMap<Key, usize>);

impl Keys {
    pub(super) fn number(&mut self, key: Key) -> usize {
        let next = self.0.len();
        *self.0.entry(key).or_insert(next)
    }
}
