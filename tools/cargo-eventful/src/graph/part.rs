//! The part of a wiring that is asked for.

use std::collections::HashSet;

use eventful_wiring::{WiredEvent, Wiring};

use crate::failure::Failure;
use crate::names::says;

/// The events that fit one of `names`, all that they may cause, and all that may cause them; everything without a name.
pub(super) fn part(wiring: &Wiring, names: &[String]) -> Result<Wiring, Failure> {
    let mut part = wiring.clone();
    if names.is_empty() {
        return Ok(part);
    }
    let is_asked_for = |name: &&str| names.iter().any(|said| says(said, name));
    let asked: Vec<&str> = wiring
        .events()
        .iter()
        .map(WiredEvent::name)
        .filter(is_asked_for)
        .collect();
    if asked.is_empty() {
        return Err(Failure::new(
            "no event fits; a name is given whole or from one of its words to its end, as in `shop::OrderPaid` and \
             `OrderPaid`; `cargo eventful list` shows all of them",
        ));
    }
    let edges: Vec<(&str, &str)> = wiring
        .cascades()
        .map(|cascade| (cascade.event(), cascade.returned()))
        .collect();
    let caused = reached(&asked, edges.iter().copied());
    let causing = reached(&asked, edges.iter().map(|&(from, to)| (to, from)));
    part.retain_events(|event| caused.contains(event.name()) || causing.contains(event.name()));
    let families: HashSet<String> = part
        .events()
        .iter()
        .flat_map(|event| event.families().iter().cloned())
        .collect();
    part.retain_families(|family| family.is_catch_all() || families.contains(family.name()));
    Ok(part)
}

fn reached<'a>(
    from: &[&'a str],
    edges: impl Iterator<Item = (&'a str, &'a str)>,
) -> HashSet<&'a str> {
    let edges: Vec<_> = edges.collect();
    let mut reached: HashSet<&str> = from.iter().copied().collect();
    let mut waiting: Vec<&str> = from.to_vec();
    while let Some(event) = waiting.pop() {
        for &(_, to) in edges.iter().filter(|(start, _)| *start == event) {
            if reached.insert(to) {
                waiting.push(to);
            }
        }
    }
    reached
}
