//! A handler of a program.

use super::names::{Key, function_key, instance, key, subject};
use super::source;
use crate::inspect::path::Functions;
use crate::inspect::record::{HandlerRecord, RecordedName, RecordedTarget};
use crate::resolve::{Constraint, DeclaredHandler, HandlerFacts, Target};
use crate::{HandlerOrigin, HandlerRun, WiredResource};

/// A handler and the names that its record does not have as they are.
pub(super) struct Handler<'a> {
    pub(super) record: &'a HandlerRecord,
    pub(super) id: String,
    pub(super) path: String,
    /// The event or the family that it handles, with the arguments of a generic event.
    pub(super) subject: RecordedName,
    /// The events that it may return, with the arguments of generic ones.
    pub(super) returns: Vec<RecordedName>,
}

impl<'a> Handler<'a> {
    pub(super) fn new(record: &'a HandlerRecord) -> Self {
        Self {
            record,
            id: record.id(),
            path: record.path(),
            subject: instance(&record.subject, record.subject_as.as_deref()),
            returns: returned(record),
        }
    }

    pub(super) fn declared<'d>(
        &'d self,
        functions: &Functions<'d>,
        run: &HandlerRun,
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
            is_separate: matches!(run, HandlerRun::Separate(_)),
        }
    }

    /// `with` is what each publish of its event lends.
    pub(super) fn facts(&self, with: Option<&str>, run: HandlerRun) -> HandlerFacts<Key<'_>> {
        let needed = self.record.needs.iter().cloned();
        let (lent, resources): (Vec<_>, Vec<_>) = needed.partition(|it| is_lent(it, with));
        let returned = self.returns.iter();
        HandlerFacts {
            origin: HandlerOrigin::Linked,
            is_async: self.record.is_async,
            is_guarded: self.record.is_guarded,
            run,
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
