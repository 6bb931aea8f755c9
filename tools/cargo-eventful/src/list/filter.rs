//! A part of the wiring.

use std::collections::HashSet;

use eventful_wiring::inspect::Program;
use eventful_wiring::{WiredHandler, WiredPosition, Wiring};

use crate::failure::Failure;
use crate::names::{crate_of, says};
use crate::options::ListOptions;

/// The events that the options ask for, with those of their handlers that the options ask for.
///
/// An event of a crate that is asked for stays without handlers of that crate: its handlers may be the question.
pub(super) fn filter(program: &Program, options: &ListOptions) -> Result<Wiring, Failure> {
    let mut wiring = program.wiring().clone();
    if options.event.is_empty() && options.handler.is_empty() && options.crates.is_empty() {
        return Ok(wiring);
    }
    let is_of_crates = |position: &WiredPosition, package: Option<&str>| {
        options.crates.is_empty()
            || options
                .crates
                .iter()
                .any(|name| name.replace('-', "_") == crate_of(position) || package == Some(name))
    };
    let is_handler_of_crates =
        |handler: &WiredHandler| is_of_crates(handler.position(), handler.package());
    let is_asked_for = |names: &[String], name: &str| {
        names.is_empty() || names.iter().any(|said| says(said, name))
    };
    let whole: HashSet<WiredPosition> = wiring
        .events()
        .iter()
        .filter(|event| {
            !options.crates.is_empty() && is_of_crates(event.position(), event.package())
        })
        .map(|event| event.position().clone())
        .collect();
    wiring.retain_events(|event| is_asked_for(&options.event, event.name()));
    let keep = |handler: &WiredHandler| is_asked_for(&options.handler, handler.id());
    wiring.retain_handlers(keep);
    wiring.retain_events(|event| {
        let is_whole = options.handler.is_empty()
            && (options.crates.is_empty() || whole.contains(event.position()));
        let mut handlers = event.handlers().iter();
        is_whole || handlers.any(is_handler_of_crates)
    });
    let events = wiring.events().iter();
    let families: HashSet<String> = events
        .flat_map(|event| event.families().iter().cloned())
        .collect();
    wiring.retain_families(|family| {
        let is_needed = options.event.is_empty() || families.contains(family.name());
        let mut handlers = family.handlers().iter();
        is_needed && handlers.any(is_handler_of_crates)
    });
    if wiring.events().is_empty() && wiring.families().is_empty() {
        return Err(Failure::new(
            "nothing in the program fits; a name is given whole or from one of its words to its end, as in \
             `shop::mail::send`, `mail::send` and `send`",
        ));
    }
    Ok(wiring)
}
