//! The events of a program, instantiations of generic ones each by itself, and who handles them in which order.

use std::collections::{HashMap, HashSet};

use super::fault::{Fault, FaultKind, joined, named};
use super::record::{EventRecord, HandlerRecord, RecordedName, RecordedSide, RecordedTarget};
use super::target::{self, Candidates};
use crate::handler::Contract;
use crate::sequence::Sequence;
use crate::wiring::{CATCH_ALL, WiredPosition};

/// What tells an event or a family from others: of a generic event, the whole name.
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
            line: event.position.line,
            column: event.position.column,
        }
    }

    /// `written` is what the type was written as: it has the arguments of a generic event.
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

    pub(super) fn is_catch_all(&self) -> bool {
        self.name == CATCH_ALL
    }
}

/// The events that a handler may return, in order.
pub(super) fn returned(handler: &HandlerRecord) -> Vec<Key> {
    let mut written: Vec<&str> = handler.returns_as.iter().map(String::as_str).collect();
    let keys = handler.returns.iter().map(|event| {
        if !event.is_generic || written.is_empty() {
            return Key::new(event, None);
        }
        // By its name, unless it was given another one, or is written as an alias.
        let base = event.name.rsplit("::").next().unwrap_or_default();
        let is_instance = |written: &&str| {
            let behind = written.strip_prefix(base);
            behind.is_some_and(|arguments| arguments.starts_with('<'))
        };
        let place = written.iter().position(is_instance).unwrap_or(0);
        Key::new(event, Some(written.remove(place)))
    });
    keys.collect()
}

/// One event, with what was recorded of it; of an instantiation, what was recorded of the generic type.
pub(super) struct Event<'a> {
    pub(super) key: Key,
    pub(super) record: &'a EventRecord,
    /// In the order in which they run.
    pub(super) handlers: Vec<&'a HandlerRecord>,
}

impl<'a> Event<'a> {
    pub(super) fn new(key: Key, record: &'a EventRecord) -> Self {
        Self {
            key,
            record,
            handlers: Vec::new(),
        }
    }

    /// What it is called: with its arguments, unless it was given a name, which all instantiations share.
    pub(super) fn name(&self) -> &str {
        if self.record.has_own_name {
            &self.record.name
        } else {
            &self.key.name
        }
    }

    /// Finds who handles it, and in which order; and notes what is wrong with that. The constraints of `resolved` have led to a
    /// handler.
    pub(super) fn route(
        &mut self,
        listeners: &Listeners<'a>,
        faults: &mut Vec<Fault>,
        resolved: &mut Resolved,
    ) {
        let mut handlers = listeners.of(self);
        handlers.sort_by_cached_key(|handler| (handler.order, place(handler)));
        self.find_shared_ids(&handlers, faults);
        let mut edges = Vec::new();
        let indices = handlers.iter().copied().map(std::ptr::from_ref);
        let indices: HashMap<*const HandlerRecord, usize> = indices.zip(0..).collect();
        let candidates = Candidates::new(handlers.iter().copied());
        for (index, handler) in handlers.iter().enumerate() {
            for (number, constraint) in handler.constraints.iter().enumerate() {
                let targets = target::find(&constraint.target, handler, &candidates);
                for found in targets {
                    resolved.note(handler, number);
                    let other = indices[&std::ptr::from_ref(found)];
                    let (first, second) = match constraint.side {
                        RecordedSide::After => (other, index),
                        RecordedSide::Before => (index, other),
                    };
                    if handlers[first].order > handlers[second].order {
                        let side = side_name(constraint.side);
                        let message = format!(
                            "handler {} says that it runs {side} {}, but `order` says the opposite ({} against {}); \
                             remove one of the two",
                            named(handler),
                            named(found),
                            handler.order,
                            found.order
                        );
                        faults.push(Fault::new(
                            FaultKind::AgainstOrder,
                            &handler.position,
                            message,
                        ));
                    } else {
                        edges.push((first, second));
                    }
                }
            }
        }
        let Sequence { places, circles } = Sequence::new(handlers.len(), edges);
        for circle in circles {
            let members = circle.iter().map(|&index| handlers[index]);
            let message = format!(
                "handlers of `{}` each run after the next, in a circle: {}; remove one `after` or `before`",
                self.key.name,
                joined(members)
            );
            let position = &handlers[circle[0]].position;
            faults.push(Fault::new(FaultKind::Cycle, position, message));
        }
        self.handlers = places.into_iter().map(|index| handlers[index]).collect();
        self.find_broken_contract(faults);
    }

    fn find_shared_ids(&self, handlers: &[&HandlerRecord], faults: &mut Vec<Fault>) {
        let mut seen: HashMap<String, &HandlerRecord> = HashMap::new();
        for handler in handlers {
            let id = handler.id();
            if let Some(twin) = seen.get(&id)
                && (handler.own_id.is_some() || twin.own_id.is_some())
            {
                let message = format!(
                    "handlers {} and {} of `{}` have the same id; give one of them another `id = \"…\"`",
                    named(handler),
                    named(twin),
                    self.key.name
                );
                faults.push(Fault::new(FaultKind::SharedId, &handler.position, message));
            }
            seen.insert(id, handler);
        }
    }

    fn find_broken_contract(&self, faults: &mut Vec<Fault>) {
        let Some(contract) = self.contract() else {
            return;
        };
        let counted = self.handlers.iter().copied();
        let counted: Vec<_> = counted
            .filter(|handler| handler.subject.name != CATCH_ALL)
            .collect();
        if contract.is_met_by(counted.len()) {
            return;
        }
        let count = match counted.len() {
            0 => "no handler of it is linked; write one, or `eventful::link!()` where its crate is only named in Cargo.toml"
                .to_owned(),
            count => format!(
                "has {count} handler{}: {}; link as many as it says, or change the contract",
                if count == 1 { "" } else { "s" },
                joined(counted.into_iter())
            ),
        };
        let position = &self.record.position;
        let message = format!(
            "event `{}` ({position}) says `handlers = {contract}`, but {count}",
            self.key.name
        );
        faults.push(Fault::new(FaultKind::ContractBroken, position, message));
    }

    pub(super) fn contract(&self) -> Option<Contract> {
        let (least, most) = self.record.contract?;
        Some(Contract::new(least, most))
    }
}

pub(super) const fn side_name(side: RecordedSide) -> &'static str {
    match side {
        RecordedSide::After => "after",
        RecordedSide::Before => "before",
    }
}

/// As it is written.
pub(super) fn target_text(target: &RecordedTarget) -> String {
    match target {
        RecordedTarget::Path(path) => path.clone(),
        RecordedTarget::Id(id) => format!("{id:?}"),
    }
}

/// What decides among handlers of one `order`, and tells handlers apart.
pub(super) fn place(handler: &HandlerRecord) -> (&WiredPosition, String) {
    (&handler.position, handler.id())
}

/// Which constraints of which handlers have led to a handler of some event.
#[derive(Default)]
pub(super) struct Resolved(HashSet<(*const HandlerRecord, usize)>);

impl Resolved {
    fn note(&mut self, handler: &HandlerRecord, constraint: usize) {
        self.0.insert((std::ptr::from_ref(handler), constraint));
    }

    pub(super) fn contains(&self, handler: &HandlerRecord, constraint: usize) -> bool {
        self.0.contains(&(std::ptr::from_ref(handler), constraint))
    }
}

/// The handlers by what they listen to.
pub(super) struct Listeners<'a> {
    by_subject: HashMap<Key, Vec<&'a HandlerRecord>>,
    catch_all: Option<Key>,
}

impl<'a> Listeners<'a> {
    pub(super) fn new(handlers: impl Iterator<Item = &'a HandlerRecord>) -> Self {
        let mut listeners: HashMap<Key, Vec<&HandlerRecord>> = HashMap::new();
        for handler in handlers {
            listeners
                .entry(Key::subject(handler))
                .or_default()
                .push(handler);
        }
        Self {
            catch_all: listeners.keys().find(|key| key.is_catch_all()).cloned(),
            by_subject: listeners,
        }
    }

    /// The handlers of `event`: one that can be reached in several ways is reached by its own event before a family, and by the
    /// families as the event lists them.
    fn of(&self, event: &Event<'_>) -> Vec<&'a HandlerRecord> {
        let families = event.record.families.iter();
        let ways = [event.key.clone()]
            .into_iter()
            .chain(families.map(|family| Key::new(family, None)))
            .chain(self.catch_all.clone());
        let mut reached = HashMap::new();
        let mut found = Vec::new();
        for way in ways {
            for handler in self.by_subject.get(&way).into_iter().flatten() {
                let first = reached.entry(place(handler)).or_insert_with(|| way.clone());
                if *first == way {
                    found.push(*handler);
                }
            }
        }
        found
    }
}
