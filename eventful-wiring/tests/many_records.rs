//! Ten thousand handlers are read and put in order at once, however they refer to each other.
#![cfg(feature = "inspect")]

use std::fmt::Write;
use std::time::{Duration, Instant};

use eventful_wiring::inspect::{Program, parse};

const HANDLERS: usize = 10_000;

/// Without optimization on a machine that does other things, too. With `--release` each takes a tenth of a second at
/// most, and what looked at every pair of handlers would take minutes here.
const LIMIT: Duration = Duration::from_secs(20);

/// A section with the handlers 0 to 9,999, which handle as many of `events` events as there are; and what each says
/// more.
fn section(events: usize, more: impl Fn(usize) -> String) -> String {
    let mut section = String::new();
    let head = |kind| format!("eventful 1 {kind}\ncrate shop 1.0.0\n");
    for event in 0..events {
        let record = head("event");
        write!(
            section,
            "{record}in shop::part_{event}\nat src/part_{event}.rs:3:12\nname shop::part_{event}::Changed\n\
             doc Something has happened.\n\0"
        )
        .expect("a string takes everything");
    }
    for handler in 0..HANDLERS {
        let event = handler % events;
        let (record, more) = (head("handler"), more(handler));
        write!(
            section,
            "{record}in shop::part_{event}\nat src/part_{event}.rs:{}:4\nfn handle_{handler}\n{more}needs &Cache\n\
             of 3:12 shop::part_{event}::Changed\n\0",
            10 + handler
        )
        .expect("a string takes everything");
    }
    section
}

/// The program, and what it took.
fn read(what: &str, section: &str) -> Program {
    let start = Instant::now();
    let program = Program::new(parse(section.as_bytes()).expect("these are records"));
    let elapsed = start.elapsed();
    println!("{what}: {elapsed:?}");
    assert!(elapsed < LIMIT, "{what}: {elapsed:?}");
    let events = program.wiring().events().iter();
    let handlers: usize = events.map(|event| event.handlers().len()).sum();
    assert_eq!(handlers, HANDLERS, "{what}");
    program
}

#[test]
fn ten_handlers_of_each_of_a_thousand_events() {
    let program = read(
        "apart",
        &section(1_000, |handler| match handler {
            ..1_000 => String::new(),
            _ => format!(
                "after handle_{}\nreturns 3:12 shop::part_7::Changed\n",
                handler - 1_000
            ),
        }),
    );
    assert!(program.faults().is_empty() && program.unresolved().is_empty());
}

#[test]
fn all_of_one_event_in_a_row() {
    let program = read(
        "row",
        &section(1, |handler| match handler {
            9_999 => String::new(),
            // Against the order in which they are written.
            _ => format!("after handle_{}\n", handler + 1),
        }),
    );
    let handlers = program.wiring().events()[0].handlers();
    assert_eq!(handlers[0].id(), "shop::part_0::handle_9999");
    assert_eq!(handlers[9_999].id(), "shop::part_0::handle_0");
    assert!(program.faults().is_empty() && program.unresolved().is_empty());
}

#[test]
fn all_of_one_event_by_id() {
    let program = read(
        "ids",
        &section(1, |handler| match handler {
            0 => "id part.0\n".to_owned(),
            _ => format!("id part.{handler}\nbefore-id part.{}\n", handler - 1),
        }),
    );
    assert_eq!(program.wiring().events()[0].handlers()[0].id(), "part.9999");
    assert!(program.faults().is_empty() && program.unresolved().is_empty());
}

#[test]
fn all_of_one_event_in_one_cycle() {
    let program = read(
        "cycle",
        &section(1, |handler| {
            format!("after handle_{}\n", (handler + 1) % HANDLERS)
        }),
    );
    assert_eq!(program.faults().len(), 1);
}

#[test]
fn cycles_of_two() {
    let program = read(
        "cycles",
        &section(1, |handler| format!("after handle_{}\n", handler ^ 1)),
    );
    assert_eq!(program.faults().len(), HANDLERS / 2);
}

#[test]
fn names_that_are_not_there() {
    let program = read(
        "missing",
        &section(1, |_| "after somebody::_else\n".to_owned()),
    );
    assert_eq!(program.unresolved().len(), HANDLERS);
}

#[test]
fn one_id_for_all() {
    let program = read("one id", &section(1, |_| "id same\n".to_owned()));
    assert!(!program.faults().is_empty());
}
