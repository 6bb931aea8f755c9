//! The texts of the assertions.

use std::fmt::{self, Write};

use super::event_types::EventType;
use super::record::Record;

/// The most records that a message lists: enough to see what happened, and not screen after screen.
const LISTED: usize = 50;

/// Returns the last lines of every message: the recorded events.
pub(super) fn list(records: &[Record]) -> String {
    if records.is_empty() {
        return "recorded: nothing; is the event published on a bus that has this recorder?"
            .to_owned();
    }
    let mut text = format!("recorded:\n{}", numbered(records.iter().take(LISTED)));
    if records.len() > LISTED {
        write!(text, "\n  … and {} more", records.len() - LISTED)
            .expect("a string takes all that is written");
    }
    text
}

pub(super) fn numbered(lines: impl IntoIterator<Item = impl fmt::Display>) -> String {
    let lines = (1..)
        .zip(lines)
        .map(|(number, line)| format!("  {number}. {line}"));
    lines.collect::<Vec<_>>().join("\n")
}

/// Returns "2 events", after "expected".
pub(super) fn events(count: usize) -> String {
    match count {
        0 => "no event".to_owned(),
        1 => "1 event".to_owned(),
        _ => format!("{count} events"),
    }
}

/// Returns "2 were recorded", after "but".
pub(super) fn were_recorded(count: usize) -> String {
    match count {
        0 => "none was recorded".to_owned(),
        1 => "1 was recorded".to_owned(),
        _ => format!("{count} were recorded"),
    }
}

/// Returns "2 of `shop::OrderCreated`, 1 of `shop::OrderPaid`", in the order in which the types were first recorded.
pub(super) fn counts(records: &[Record]) -> String {
    let mut counts: Vec<(EventType, usize)> = Vec::new();
    for record in records {
        match counts.iter_mut().find(|(event, _)| *event == record.event) {
            Some((_, count)) => *count += 1,
            None => counts.push((record.event, 1)),
        }
    }
    let counts = counts.iter();
    let counts = counts.map(|(event, count)| format!("{count} of `{}`", event.name));
    counts.collect::<Vec<_>>().join(", ")
}

/// Returns "none of the 2 recorded does", after "but".
pub(super) fn match_of(matching: usize, recorded: usize) -> String {
    match (matching, recorded) {
        (_, 0) => were_recorded(0),
        (0, 1) => "the 1 recorded does not".to_owned(),
        (0, _) => format!("none of the {recorded} recorded does"),
        (1, _) => format!("1 of the {recorded} recorded does"),
        _ => format!("{matching} of the {recorded} recorded do"),
    }
}
