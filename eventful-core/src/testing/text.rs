//! The words of the assertions.

use std::fmt::{self, Write};

use super::record::Record;

/// How many records a message lists: enough to see what went on, and no screen after screen.
const LISTED: usize = 50;

/// The last lines of every message: what was recorded.
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

/// As in "expected 2 events".
pub(super) fn events(count: usize) -> String {
    match count {
        0 => "no event".to_owned(),
        1 => "1 event".to_owned(),
        _ => format!("{count} events"),
    }
}

/// As in "but 2 were recorded".
pub(super) fn were_recorded(count: usize) -> String {
    match count {
        0 => "none was recorded".to_owned(),
        1 => "1 was recorded".to_owned(),
        _ => format!("{count} were recorded"),
    }
}

/// As in "but none of the 2 recorded does".
pub(super) fn match_of(matching: usize, recorded: usize) -> String {
    match (matching, recorded) {
        (_, 0) => were_recorded(0),
        (0, 1) => "the 1 recorded does not".to_owned(),
        (0, _) => format!("none of the {recorded} recorded does"),
        (1, _) => format!("1 of the {recorded} recorded does"),
        _ => format!("{matching} of the {recorded} recorded do"),
    }
}
