//! The faults of a worker that are found without asking its store.

use std::collections::BTreeMap;
use std::time::Duration;

use super::pattern::Pattern;
use super::policy::Policy;
use crate::store::Facts;
use crate::{Settings, StartsFrom, Subscription};

/// Finds the faults of the subscriptions themselves.
pub(super) fn subscriptions(all: &[Subscription], facts: Facts, faults: &mut Vec<String>) {
    for (id, handlers) in &by_id(all) {
        if id.is_empty() {
            let at = &handlers[0].defined_at;
            faults.push(format!("the handler at {at} has an empty id"));
        }
        if handlers.len() > 1 {
            let places: Vec<_> = handlers.iter().map(|it| it.defined_at.as_str()).collect();
            faults.push(format!(
                "`{id}` is the id of {} handlers: {}",
                handlers.len(),
                places.join(", ")
            ));
        }
    }
    for subscription in all {
        if subscription.names.is_empty() {
            faults.push(format!("`{}` takes no event", subscription.id));
        }
        lends(subscription, facts, faults);
        process(subscription, faults);
    }
    earlier_ids(all, faults);
}

/// Finds earlier ids that are no longer free, or that two subscriptions want.
pub(crate) fn earlier_ids(all: &[Subscription], faults: &mut Vec<String>) {
    let by_id = by_id(all);
    let mut earlier: BTreeMap<&str, &str> = BTreeMap::new();
    for Subscription { id, was, .. } in all {
        for was in was {
            if let Some(others) = by_id.get(was.as_str()) {
                let at = &others[0].defined_at;
                faults.push(format!(
                    "`{id}` says `was = \"{was}\"`, and that is the id of another handler, at {at}: \
                     remove one of the two"
                ));
            }
            if let Some(other) = earlier.insert(was, id) {
                faults.push(format!(
                    "`{other}` and `{id}` both say `was = \"{was}\"`: only one can take its place"
                ));
            }
        }
    }
}

fn by_id(all: &[Subscription]) -> BTreeMap<&str, Vec<&Subscription>> {
    let mut by_id = BTreeMap::<_, Vec<_>>::new();
    for subscription in all {
        let handlers = by_id.entry(&*subscription.id).or_default();
        handlers.push(subscription);
    }
    by_id
}

fn lends(subscription: &Subscription, facts: Facts, faults: &mut Vec<String>) {
    let Some(wanted) = subscription.lends else {
        return;
    };
    let id = &subscription.id;
    match facts.lends {
        Some(lent) if lent.type_id == wanted.type_id => {}
        Some(lent) => faults.push(format!(
            "`{id}` wants `&mut {}`, but this store lends `&mut {}`",
            wanted.type_name, lent.type_name
        )),
        None => faults.push(format!(
            "`{id}` wants `&mut {}`, but this store lends no transaction",
            wanted.type_name
        )),
    }
}

fn process(subscription: &Subscription, faults: &mut Vec<String>) {
    if !subscription.each_process {
        return;
    }
    let id = &subscription.id;
    let mut contradicts = |option: &str, reason: &str| {
        faults.push(format!(
            "`{id}` says `each = \"process\"` and {option}: {reason}"
        ));
    };
    if subscription.lends.is_some() {
        contradicts(
            "takes a transaction",
            "its cursor is in memory, so nothing is committed with it",
        );
    }
    if subscription.from == StartsFrom::Beginning {
        contradicts(
            "`from = \"beginning\"`",
            "it hears what is published from now on",
        );
    }
    if !subscription.was.is_empty() {
        contradicts("`was`", "it has no stored cursor to take over");
    }
    if subscription.on_dead.is_some() {
        contradicts(
            "has an `on_dead`",
            "every process would publish what compensates",
        );
    }
}

/// Finds the options of a handler that contradict each other.
pub(super) fn policy(id: &str, settings: &Settings, policy: &Policy, faults: &mut Vec<String>) {
    let mut wrong = |text: String| faults.push(format!("`{id}`: {text}"));
    let retry = &settings.retry;
    if policy.attempts == 0 {
        wrong("`attempts = 0` would never handle an event; write 1 for no retry".to_owned());
    }
    if policy.concurrency == 0 {
        wrong("`concurrency = 0` would never handle an event".to_owned());
    }
    for (option, time) in [
        ("timeout", settings.timeout),
        ("first", retry.first),
        ("longest", retry.longest),
    ] {
        if time == Some(Duration::ZERO) {
            wrong(format!("`{option}` is zero"));
        }
    }
    if policy.first > policy.longest {
        wrong(format!(
            "the first pause, {:?}, is longer than the longest, {:?}",
            policy.first, policy.longest
        ));
    }
    let asks_for_more = retry.attempts.is_some_and(|attempts| attempts > 1);
    if asks_for_more && policy.first > policy.keep_trying_for {
        wrong(format!(
            "no retry begins within `for`, {:?}: the first pause is {:?}",
            policy.keep_trying_for, policy.first
        ));
    }
}

/// Finds a handler with a transaction, where the store has none to spare.
pub(super) fn transactions(subscription: &Subscription, facts: Facts, faults: &mut Vec<String>) {
    if subscription.lends.is_some() && facts.transactions == 0 {
        faults.push(format!(
            "`{}` runs on a connection of the pool that the store was made with, and the pool has one connection: it \
             needs at least 2, so that one is left for the program",
            subscription.id
        ));
    }
}

/// Finds a pattern that fits no handler.
pub(super) fn pattern(method: &str, pattern: &Pattern, ids: &[&str], faults: &mut Vec<String>) {
    if ids.iter().any(|id| pattern.fits(id)) {
        return;
    }
    let known = match ids {
        [] => "there is no handler".to_owned(),
        ids => format!("the handlers are {}", ids.join(", ")),
    };
    let text = pattern.as_str();
    faults.push(format!("`{method}(\"{text}\")` fits no handler; {known}"));
}
