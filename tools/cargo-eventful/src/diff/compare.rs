//! The differences between two programs, for a review: events, handlers, their order and their resources. Positions and
//! documentation are no difference.

use std::collections::{BTreeMap, HashSet};

use serde::Serialize;

use crate::snapshot::{Event, Family, Handler, Snapshot};

/// An event or a family that differs.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub(super) struct Difference {
    pub(super) change: Change,
    pub(super) kind: Kind,
    pub(super) name: String,
    pub(super) facts: Vec<Fact>,
    pub(super) handlers: Vec<HandlerDifference>,
    /// The handlers that both have, if they run in another order.
    pub(super) order: Option<Order>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Change {
    Added,
    Removed,
    Changed,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Kind {
    Event,
    Family,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub(super) struct HandlerDifference {
    pub(super) change: Change,
    pub(super) id: String,
    pub(super) facts: Vec<Fact>,
}

/// Something that is said about an event or a handler. A text is empty where nothing is said.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub(super) struct Fact {
    pub(super) what: &'static str,
    pub(super) old: String,
    pub(super) new: String,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub(super) struct Order {
    pub(super) old: Vec<String>,
    pub(super) new: Vec<String>,
}

/// By name, events first.
pub(super) fn compare(old: &Snapshot, new: &Snapshot) -> Vec<Difference> {
    let mut differences = Vec::new();
    let events = |snapshot: &Snapshot| snapshot.events.iter().map(Subject::event).collect();
    let families = |snapshot: &Snapshot| snapshot.families.iter().map(Subject::family).collect();
    differences.extend(compare_subjects(Kind::Event, events(old), events(new)));
    differences.extend(compare_subjects(Kind::Family, families(old), families(new)));
    differences
}

/// The parts that events and families share.
struct Subject {
    name: String,
    facts: Facts,
    handlers: Vec<Listener>,
}

/// A handler, told apart from others of the same id by its number among them.
struct Listener {
    id: String,
    facts: Facts,
}

type Facts = Vec<(&'static str, String)>;

impl Subject {
    fn event(event: &Event) -> Self {
        let mode = match (event.is_async, event.is_concurrent) {
            _ if event.is_durable => "durable",
            (false, _) => "",
            (true, false) => "async",
            (true, true) => "async, concurrent",
        };
        let fail_fast = if event.is_fail_fast { "fail_fast" } else { "" };
        Self {
            name: event.name.clone(),
            facts: vec![
                ("mode", mode.to_owned()),
                (
                    "version",
                    event.version.map_or_else(String::new, |it| it.to_string()),
                ),
                (
                    "key",
                    if event.has_key { "key = ..." } else { "" }.to_owned(),
                ),
                ("failures", fail_fast.to_owned()),
                ("handlers", event.contract.clone().unwrap_or_default()),
                ("with", event.with.clone().unwrap_or_default()),
                ("as", event.families.join(", ")),
            ],
            handlers: listeners(&event.handlers, |handler| match &handler.family {
                None => facts(handler),
                // The rest is told of the family.
                Some(family) => vec![("via", family.clone())],
            }),
        }
    }

    fn family(family: &Family) -> Self {
        let mode = match (family.is_async, family.is_durable) {
            (_, true) => "durable",
            (true, false) => "async",
            (false, false) => "",
        };
        Self {
            name: family.name.clone(),
            facts: vec![
                ("mode", mode.to_owned()),
                ("members", family.members.join(", ")),
            ],
            handlers: listeners(&family.handlers, facts),
        }
    }
}

fn facts(handler: &Handler) -> Facts {
    let flag = |holds, name: &str| {
        if holds {
            name.to_owned()
        } else {
            String::new()
        }
    };
    vec![
        ("mode", flag(handler.is_async, "async")),
        (
            "runs",
            match &handler.separate {
                Some(options) if options.is_empty() => "by itself".to_owned(),
                Some(options) => format!("by itself, {options}"),
                None => flag(handler.is_in_transaction, "in_transaction"),
            },
        ),
        ("guard", flag(handler.is_guarded, "when = ...")),
        (
            "order",
            flag(handler.order != 0, &handler.order.to_string()),
        ),
        ("place", handler.constraints.join(", ")),
        ("needs", handler.needs.join(", ")),
        ("is lent", handler.lent.join(", ")),
        ("returns", handler.returns.join(", ")),
    ]
}

fn listeners(handlers: &[Handler], facts: impl Fn(&Handler) -> Facts) -> Vec<Listener> {
    let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
    let listeners = handlers.iter().map(|handler| {
        let number = seen.entry(&handler.id).or_default();
        *number += 1;
        let id = match *number {
            1 => handler.id.clone(),
            number => format!("{} #{number}", handler.id),
        };
        let facts = facts(handler);
        Listener { id, facts }
    });
    listeners.collect()
}

fn compare_subjects(kind: Kind, old: Vec<Subject>, new: Vec<Subject>) -> Vec<Difference> {
    let mut pairs: BTreeMap<String, (Option<Subject>, Option<Subject>)> = BTreeMap::new();
    for subject in old {
        let name = subject.name.clone();
        pairs.entry(name).or_default().0 = Some(subject);
    }
    for subject in new {
        let name = subject.name.clone();
        pairs.entry(name).or_default().1 = Some(subject);
    }
    let differences = pairs.into_iter().filter_map(|(name, (old, new))| {
        let difference = Difference {
            change: change(old.is_some(), new.is_some()),
            kind,
            name,
            facts: compare_facts(
                old.as_ref().map_or(&[], |it| &it.facts),
                new.as_ref().map_or(&[], |it| &it.facts),
            ),
            handlers: compare_handlers(
                old.as_ref().map_or(&[], |it| &it.handlers),
                new.as_ref().map_or(&[], |it| &it.handlers),
            ),
            order: old
                .zip(new)
                .and_then(|(old, new)| compare_order(&old, &new)),
        };
        let is_same = difference.change == Change::Changed
            && difference.facts.is_empty()
            && difference.handlers.is_empty()
            && difference.order.is_none();
        (!is_same).then_some(difference)
    });
    differences.collect()
}

/// The old ones in their order, then the new ones in theirs.
fn compare_handlers(old: &[Listener], new: &[Listener]) -> Vec<HandlerDifference> {
    let by_id = |listeners: &[Listener]| -> BTreeMap<String, Facts> {
        let facts = listeners.iter();
        facts.map(|it| (it.id.clone(), it.facts.clone())).collect()
    };
    let (old_facts, new_facts) = (by_id(old), by_id(new));
    let added = new.iter().filter(|it| !old_facts.contains_key(&it.id));
    let differences = old.iter().chain(added).filter_map(|listener| {
        let (old, new) = (old_facts.get(&listener.id), new_facts.get(&listener.id));
        let difference = HandlerDifference {
            change: change(old.is_some(), new.is_some()),
            id: listener.id.clone(),
            facts: compare_facts(old.map_or(&[], |it| it), new.map_or(&[], |it| it)),
        };
        let is_same = difference.change == Change::Changed && difference.facts.is_empty();
        (!is_same).then_some(difference)
    });
    differences.collect()
}

/// All facts of something that was added or removed.
fn compare_facts(old: &[(&'static str, String)], new: &[(&'static str, String)]) -> Vec<Fact> {
    let find = |facts: &[(&'static str, String)], wanted: &str| {
        let found = facts.iter().find(|(fact, _)| *fact == wanted);
        found.map(|(_, value)| value.clone()).unwrap_or_default()
    };
    let only_new = new
        .iter()
        .filter(|(fact, _)| !old.iter().any(|it| it.0 == *fact));
    let all = old.iter().chain(only_new).map(|&(what, _)| Fact {
        what,
        old: find(old, what),
        new: find(new, what),
    });
    all.filter(|it| it.old != it.new).collect()
}

fn compare_order(old: &Subject, new: &Subject) -> Option<Order> {
    let common = |of: &Subject, other: &Subject| -> Vec<String> {
        let others: HashSet<&str> = other.handlers.iter().map(|it| it.id.as_str()).collect();
        let ids = of.handlers.iter().map(|it| it.id.clone());
        ids.filter(|id| others.contains(id.as_str())).collect()
    };
    let order = Order {
        old: common(old, new),
        new: common(new, old),
    };
    (order.old != order.new).then_some(order)
}

const fn change(is_in_old: bool, is_in_new: bool) -> Change {
    match (is_in_old, is_in_new) {
        (false, _) => Change::Added,
        (true, false) => Change::Removed,
        (true, true) => Change::Changed,
    }
}
