//! `cargo eventful list`: the events with their handlers.

mod filter;

use std::io::Write;

use anstyle::{AnsiColor, Effects, Style};
use eventful_wiring::TablePart;

use self::filter::filter;
use crate::failure::Failure;
use crate::options::{ListFormat, ListOptions};
use crate::outcome::Outcome;
use crate::program;
use crate::snapshot::Snapshot;

const HEADING: Style = AnsiColor::Green.on_default().effects(Effects::BOLD);
const NAME: Style = AnsiColor::Cyan.on_default().effects(Effects::BOLD);
const LACK: Style = AnsiColor::Yellow.on_default();

/// `cargo eventful list`.
pub(crate) fn run(options: &ListOptions, output: &mut dyn Write) -> Result<Outcome, Failure> {
    let program = program::program(&options.program)?;
    let wiring = filter(&program, options)?;
    match options.format {
        ListFormat::Json => {
            serde_json::to_writer_pretty(&mut *output, &Snapshot::new(&program, &wiring))?;
            writeln!(output)?;
        }
        ListFormat::Table => {
            for (part, text) in wiring.table(options.positions) {
                let style = match part {
                    TablePart::Heading => HEADING,
                    TablePart::Name => NAME,
                    TablePart::Lack => LACK,
                    TablePart::Text => Style::new(),
                };
                write!(output, "{style}{text}{style:#}")?;
            }
            writeln!(output)?;
        }
    }
    if !program.unresolved().is_empty() {
        let (count, them) = match program.unresolved().len() {
            1 => ("one handler names another".to_owned(), "it"),
            several => (format!("{several} handlers name others"), "them"),
        };
        anstream::eprintln!(
            "note: {count} by an import that a file does not show; the order may differ, and `Bus::builder().wiring()` in the program \
             tells it. `cargo eventful check` names {them}."
        );
    }
    if !program.faults().is_empty() {
        anstream::eprintln!(
            "note: something is wrong with this wiring; `cargo eventful check` says what."
        );
    }
    Ok(Outcome::Clean)
}
