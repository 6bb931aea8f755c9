mod filter;

use std::io::Write;

use anstyle::{AnsiColor, Effects, Style};

use self::filter::filter;
use crate::command::Outcome;
use crate::failure::Failure;
use crate::options::{ListFormat, ListOptions};
use crate::program;
use crate::snapshot::Snapshot;

const HEADING: Style = AnsiColor::Green.on_default().effects(Effects::BOLD);
const EVENT: Style = AnsiColor::Cyan.on_default().effects(Effects::BOLD);
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
            let table = if options.positions {
                format!("{wiring:#}")
            } else {
                wiring.to_string()
            };
            for line in table.lines() {
                write_line(output, line)?;
            }
        }
    }
    if !program.unresolved().is_empty() {
        let (count, them) = match program.unresolved().len() {
            1 => ("one handler names another".to_owned(), "it"),
            several => (format!("{several} handlers name others"), "them"),
        };
        anstream::eprintln!(
            "note: {count} by an import that a file does not show; the order may differ, and `Wiring::current()` in the program \
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

/// What begins at the margin is a heading, or what the indented lines below it belong to.
fn write_line(output: &mut dyn Write, line: &str) -> Result<(), Failure> {
    if line.starts_with("  (no ") {
        writeln!(output, "{LACK}{line}{LACK:#}")?;
    } else if line.is_empty() || line.starts_with(' ') {
        writeln!(output, "{line}")?;
    } else if line.ends_with(':') {
        writeln!(output, "{HEADING}{line}{HEADING:#}")?;
    } else {
        let (name, facts) = line.split_at(line.find("  ").unwrap_or(line.len()));
        writeln!(output, "{EVENT}{name}{EVENT:#}{facts}")?;
    }
    Ok(())
}
