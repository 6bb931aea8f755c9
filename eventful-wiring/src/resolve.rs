//! The rules of the wiring: the handlers of each event, their order, and everything that is wrong.
//!
//! An adapter [declares](Declared) events and handlers as plain data and gets a [`Plan`]. A key stands for an event, a
//! family or a function: a bus takes the `TypeId`, the reader of records a number.

mod candidates;
mod describe;
mod fault;
mod listeners;
mod missing;
#[cfg(test)]
mod tests;

use std::cell::OnceCell;
use std::collections::HashMap;
use std::fmt;
use std::hash::Hash;

use self::candidates::Candidates;
pub use self::describe::{EventFacts, FamilyFacts, HandlerFacts, describe};
pub use self::fault::{Fault, FaultKind};
use self::listeners::Listeners;
pub use self::missing::{missing_resource, near_miss};
use crate::did_you_mean::did_you_mean;
use crate::handler::CATCH_ALL;
use crate::sequence::Sequence;
use crate::{Contract, Position, Side};

/// The events and handlers to resolve.
#[derive(Debug)]
pub struct Declared<'a, Key> {
    /// The events.
    pub events: Vec<DeclaredEvent<'a, Key>>,
    /// The handlers.
    pub handlers: Vec<DeclaredHandler<'a, Key>>,
    /// Returns every linked handler; `None` if `handlers` has them all. It is called only if something looks wrong.
    pub linked: Option<fn() -> Vec<DeclaredHandler<'a, Key>>>,
    /// Contracts and names of events are checked.
    pub is_full: bool,
}

/// An event to resolve.
#[derive(Debug)]
pub struct DeclaredEvent<'a, Key> {
    /// The event's type.
    pub key: Key,
    /// Its name.
    pub name: &'a str,
    /// Its declaration.
    pub position: Position<&'a str>,
    /// The name was chosen, with `name = "…"`.
    pub has_own_name: bool,
    /// The event is an instantiation of a generic type.
    pub is_generic: bool,
    /// Faults of the event are reported.
    pub is_reported: bool,
    /// The number of handlers that it asks for.
    pub contract: Option<Contract>,
    /// The families that it belongs to, in the order in which it lists them.
    pub families: Vec<Key>,
}

/// A handler to resolve, as it handles one event or one family. `Display` gives `shop::cache::update
/// (src/cache.rs:12:4)`.
#[derive(Clone, Debug)]
pub struct DeclaredHandler<'a, Key> {
    /// Its id.
    pub id: &'a str,
    /// The id was chosen, with `id = "…"` or on a builder.
    pub has_own_id: bool,
    /// Its `order`.
    pub order: i32,
    /// Its function, or the builder call that was given a closure.
    pub position: Position<&'a str>,
    /// Its rank among handlers of the same `order`; `None` for the rank of a linked handler at its position.
    pub rank: Option<Box<Rank<'a>>>,
    /// The event or the family that it handles.
    pub subject: Subject<'a, Key>,
    /// Its function; `None` for a closure.
    pub function: Option<Key>,
    /// Its `after` and `before`.
    pub constraints: Vec<Constraint<'a, Key>>,
    /// It runs by itself, and has no place among the others.
    pub is_separate: bool,
}

impl<'a, Key> DeclaredHandler<'a, Key> {
    /// The key by which the handlers of an event are sorted before constraints move them.
    pub(crate) fn sort_key(&self) -> (i32, Rank<'a>) {
        let rank = self.rank.as_deref().copied();
        let rank = rank.unwrap_or(Rank::Linked(self.position, self.id));
        (self.order, rank)
    }
}

impl<Key> fmt::Display for DeclaredHandler<'_, Key> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} ({})", self.id, self.position)
    }
}

/// The rank of a handler among handlers of the same `order`: closures run behind linked handlers, in the order of the
/// calls.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Rank<'a> {
    /// A linked handler, by its position and its id.
    Linked(Position<&'a str>, &'a str),
    /// A closure, by the number of the builder call.
    Subscribed(usize),
}

/// The event or the family that a handler names. `Display` gives an event's name, or `dyn` and the path of a trait.
#[derive(Clone, Copy, Debug)]
pub struct Subject<'a, Key> {
    /// Its type.
    pub key: Key,
    /// The event's name, or the path of the trait.
    pub name: &'a str,
    /// The subject is a family.
    pub is_family: bool,
}

impl<Key> Subject<'_, Key> {
    /// Returns true if it is `dyn AnyEvent`.
    #[must_use]
    pub fn is_catch_all(&self) -> bool {
        self.is_family && CATCH_ALL.strip_prefix("dyn ") == Some(self.name)
    }
}

impl<Key> fmt::Display for Subject<'_, Key> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let keyword = if self.is_family { "dyn " } else { "" };
        write!(formatter, "{keyword}{}", self.name)
    }
}

/// The order of a handler beside another one. `Display` gives `after = save`, as it is written.
#[derive(Clone, Debug)]
pub struct Constraint<'a, Key> {
    /// The side of the other one on which it runs.
    pub side: Side,
    /// The other one.
    pub target: Target<'a, Key>,
}

impl<Key> fmt::Display for Constraint<'_, Key> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} = ", self.side)?;
        match &self.target {
            Target::Function { written, .. } => formatter.write_str(written),
            Target::Id(id) => write!(formatter, "{id:?}"),
        }
    }
}

/// The handler that a constraint names.
#[derive(Clone, Debug)]
pub enum Target<'a, Key> {
    /// A handler by its function.
    Function {
        /// The function, as it is written.
        written: &'a str,
        /// The function that is meant.
        exact: Vec<Key>,
        /// Functions that may be meant, if no handler has the exact one and only one of these is a handler.
        likely: Vec<Key>,
    },
    /// A handler by its id.
    Id(&'a str),
}

/// The handlers of each event in the order in which they run, and all faults.
#[derive(Debug)]
pub struct Plan {
    /// The handlers of each declared event.
    pub events: Vec<Vec<Reached>>,
    /// Everything that is wrong.
    pub faults: Vec<Fault>,
}

/// A handler that an event reaches.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Reached {
    /// Its index among the declared handlers.
    pub handler: usize,
    /// The index of the family among those of the event; `None` if the handler names the event itself.
    pub family: Option<usize>,
}

impl<Key: Copy + Eq + Hash> Declared<'_, Key> {
    /// Resolves all events.
    #[must_use]
    pub fn resolve(&self) -> Plan {
        let resolver = Resolver::new(self);
        let mut faults = Vec::new();
        resolver.find_missing_targets_of_families(&mut faults);
        if self.is_full {
            self.find_shared_names(&mut faults);
        }
        resolver.find_shared_separate_ids(&mut faults);
        let events = self.events.iter();
        let events = events.map(|event| resolver.resolve(event, &mut faults));
        Plan {
            events: events.collect(),
            faults,
        }
    }

    /// Resolves the event at `index` alone.
    #[must_use]
    pub fn resolve_event(&self, index: usize) -> Plan {
        let mut faults = Vec::new();
        let reached = Resolver::new(self).resolve(&self.events[index], &mut faults);
        Plan {
            events: vec![reached],
            faults,
        }
    }

    /// Finds events that share a name which at least one of them was given on purpose.
    fn find_shared_names(&self, faults: &mut Vec<Fault>) {
        let events = self.events.iter();
        let mut events: Vec<_> = events
            .filter(|event| event.is_reported && !event.is_generic)
            .collect();
        if !events.iter().any(|event| event.has_own_name) {
            return;
        }
        events.sort_by_key(|event| (event.name, event.position));
        for same in events.chunk_by(|first, second| first.name == second.name) {
            if let [first, second, ..] = same
                && same.iter().any(|event| event.has_own_name)
            {
                faults.push(Fault::shared_name(first, second));
            }
        }
    }
}

struct Resolver<'d, 'a, Key> {
    declared: &'d Declared<'a, Key>,
    listeners: Listeners<Key>,
    linked: OnceCell<Linked<'a, Key>>,
}

/// Every linked handler.
struct Linked<'a, Key> {
    handlers: Vec<DeclaredHandler<'a, Key>>,
    candidates: Candidates<'a, Key>,
}

impl<'d, 'a, Key: Copy + Eq + Hash> Resolver<'d, 'a, Key> {
    fn new(declared: &'d Declared<'a, Key>) -> Self {
        Self {
            declared,
            listeners: Listeners::new(&declared.handlers),
            linked: OnceCell::new(),
        }
    }

    fn linked(&self) -> &Linked<'a, Key> {
        self.linked.get_or_init(|| {
            let handlers = match self.declared.linked {
                Some(linked) => linked(),
                None => self.declared.handlers.clone(),
            };
            Linked {
                candidates: Candidates::new(handlers.iter()),
                handlers,
            }
        })
    }

    fn resolve(&self, event: &DeclaredEvent<'a, Key>, faults: &mut Vec<Fault>) -> Vec<Reached> {
        let handlers = &self.declared.handlers;
        let mut reached = self.listeners.of(event, handlers);
        let before = faults.len();
        self.find_shared_ids(event, &reached, faults);
        reached.sort_by_key(|it| handlers[it.handler].sort_key());
        self.obey_constraints(event, &mut reached, faults);
        if self.declared.is_full {
            self.find_broken_contract(event, &reached, faults);
        }
        if !event.is_reported {
            faults.truncate(before);
        }
        reached
    }

    /// Finds pairs of handlers that share an id which at least one of them was given on purpose.
    fn find_shared_ids(
        &self,
        event: &DeclaredEvent<'a, Key>,
        reached: &[Reached],
        faults: &mut Vec<Fault>,
    ) {
        let handlers = reached.iter().map(|it| self.handler(*it));
        if !handlers.clone().any(|handler| handler.has_own_id) {
            return;
        }
        let candidates = Candidates::new(handlers.clone());
        for (index, handler) in handlers.enumerate() {
            let earlier = candidates.with_id(handler.id).iter();
            let twin = earlier
                .take_while(|&&earlier| earlier < index)
                .map(|&earlier| self.handler(reached[earlier]))
                .find(|twin| twin.has_own_id || handler.has_own_id);
            if let Some(twin) = twin {
                let handler = (reached[index].handler, handler);
                faults.push(Fault::shared_id(handler, twin, event.name));
            }
        }
    }

    /// Finds handlers of different events that run by themselves under one id, under which the store keeps one place. One
    /// function may handle several events.
    fn find_shared_separate_ids(&self, faults: &mut Vec<Fault>) {
        let handlers = &self.declared.handlers;
        let mut first = HashMap::new();
        for (index, handler) in handlers.iter().enumerate().filter(|(_, it)| it.is_separate) {
            let twin: &DeclaredHandler<'a, Key> = first.entry(handler.id).or_insert(handler);
            if twin.sort_key() != handler.sort_key()
                && !self.share_an_event(twin.subject, handler.subject)
            {
                faults.push(Fault::shared_separate_id((index, handler), twin));
            }
        }
    }

    /// Puts the handlers of one event in the order that `after` and `before` ask for.
    fn obey_constraints(
        &self,
        event: &DeclaredEvent<'a, Key>,
        reached: &mut Vec<Reached>,
        faults: &mut Vec<Fault>,
    ) {
        let mut handlers = reached.iter().map(|it| self.handler(*it));
        if handlers.all(|handler| handler.constraints.is_empty()) {
            return;
        }
        let edges = self.edges(event, reached, faults);
        let Sequence { order, cycles } = Sequence::new(reached.len(), edges);
        for cycle in cycles {
            let handlers = cycle.iter().map(|&index| self.handler(reached[index]));
            faults.push(Fault::cycle(event.name, &handlers.collect::<Vec<_>>()));
        }
        *reached = order.into_iter().map(|index| reached[index]).collect();
    }

    /// The pairs of which the first must run before the second. A pair that `order` contradicts is a fault and left
    /// out.
    fn edges(
        &self,
        event: &DeclaredEvent<'a, Key>,
        reached: &[Reached],
        faults: &mut Vec<Fault>,
    ) -> Vec<(usize, usize)> {
        let candidates = Candidates::new(reached.iter().map(|it| self.handler(*it)));
        let mut edges = Vec::new();
        for (index, &it) in reached.iter().enumerate() {
            let handler = self.handler(it);
            for (number, constraint) in handler.constraints.iter().enumerate() {
                let targets = candidates.find(&constraint.target, |_| true);
                // The target of a handler of a family need not handle each member.
                let is_wanted = it.family.is_none() && targets.is_empty();
                if is_wanted && !self.is_linked(&constraint.target, event) {
                    faults.push(self.target_missing(it.handler, number));
                }
                for other_index in targets {
                    let other = self.handler(reached[other_index]);
                    if other.is_separate {
                        let handler = (it.handler, handler);
                        faults.push(Fault::beside_separate(handler, number, other));
                        continue;
                    }
                    let (edge, is_against_order) = match constraint.side {
                        Side::After => ((other_index, index), other.order > handler.order),
                        Side::Before => ((index, other_index), handler.order > other.order),
                    };
                    if is_against_order {
                        let handler = (it.handler, handler);
                        faults.push(Fault::against_order(handler, constraint.side, other));
                    } else {
                        edges.push(edge);
                    }
                }
            }
        }
        edges
    }

    /// Tells if the target is a handler of `event` that this bus was built without.
    fn is_linked(&self, target: &Target<'a, Key>, event: &DeclaredEvent<'a, Key>) -> bool {
        let linked = self.linked();
        let is_of_event = |index: usize| event.is_part_of(linked.handlers[index].subject.key);
        !linked.candidates.find(target, is_of_event).is_empty()
    }

    /// Finds constraints of handlers of families whose target handles no member.
    fn find_missing_targets_of_families(&self, faults: &mut Vec<Fault>) {
        let handlers = &self.declared.handlers;
        let of_family = |handler: &DeclaredHandler<'a, Key>| {
            handler.subject.is_family && !handler.constraints.is_empty()
        };
        if !handlers.iter().any(of_family) {
            return;
        }
        let candidates = Candidates::new(handlers.iter());
        for (index, handler) in handlers.iter().enumerate().filter(|(_, it)| of_family(it)) {
            let shares = |other: &DeclaredHandler<'a, Key>| {
                self.share_an_event(handler.subject, other.subject)
            };
            for (number, Constraint { target, .. }) in handler.constraints.iter().enumerate() {
                let is_missing = |candidates: &Candidates<'a, Key>, handlers: &[_]| {
                    let found = candidates.find(target, |other| shares(&handlers[other]));
                    found.is_empty()
                };
                if is_missing(&candidates, handlers)
                    && is_missing(&self.linked().candidates, &self.linked().handlers)
                {
                    faults.push(self.target_missing(index, number));
                }
            }
        }
    }

    fn share_an_event(&self, first: Subject<'a, Key>, second: Subject<'a, Key>) -> bool {
        let mut events = self.declared.events.iter();
        first.key == second.key
            || events.any(|event| event.is_part_of(first.key) && event.is_part_of(second.key))
    }

    fn target_missing(&self, index: usize, constraint: usize) -> Fault {
        let Linked {
            handlers,
            candidates,
        } = self.linked();
        let handler = &self.declared.handlers[index];
        let target = &handler.constraints[constraint].target;
        let targets = candidates.find(target, |_| true).into_iter();
        let subjects: Vec<_> = targets
            .map(|target| handlers[target].subject.to_string())
            .collect();
        let others = handlers.iter().filter(|other| {
            other.id != handler.id && self.share_an_event(handler.subject, other.subject)
        });
        let meant = match target {
            Target::Function { .. } => None,
            Target::Id(id) => did_you_mean(id, others.map(|other| other.id)),
        };
        Fault::target_missing((index, handler), constraint, &subjects, meant)
    }

    /// Finds out if the event has as many handlers as it asks for, here or among all linked handlers.
    fn find_broken_contract(
        &self,
        event: &DeclaredEvent<'a, Key>,
        reached: &[Reached],
        faults: &mut Vec<Fault>,
    ) {
        let Some(contract) = event.contract else {
            return;
        };
        let counted = |handlers: &'_ [DeclaredHandler<'a, Key>], reached: &[Reached]| {
            // One audit of a family, or of every event, does not do what the event is about.
            let own = reached.iter().map(|it| it.handler);
            own.filter(|&index| !handlers[index].subject.is_family)
                .collect::<Vec<_>>()
        };
        let handlers = &self.declared.handlers;
        let here = counted(handlers, reached);
        let is_met_by_all = || {
            let linked = &self.linked().handlers;
            let of_linked = counted(linked, &Listeners::new(linked).of(event, linked));
            contract.is_met_by(of_linked.len())
        };
        if !contract.is_met_by(here.len()) && !is_met_by_all() {
            let here: Vec<_> = here.into_iter().map(|index| &handlers[index]).collect();
            faults.push(Fault::contract_broken(event, contract, &here));
        }
    }

    fn handler(&self, reached: Reached) -> &'d DeclaredHandler<'a, Key> {
        &self.declared.handlers[reached.handler]
    }
}

impl<Key: Copy + Eq> DeclaredEvent<'_, Key> {
    /// Tells if `subject` is this event or one of its families.
    pub(crate) fn is_part_of(&self, subject: Key) -> bool {
        self.key == subject || self.families.contains(&subject)
    }
}
