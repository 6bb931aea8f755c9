//! `cargo eventful diff`: the differences between the wiring of two programs.

mod compare;
mod report;
#[cfg(test)]
mod tests;

use std::fs;
use std::io::Write;
use std::path::Path;

use eventful_wiring::inspect::Program;
use serde::Deserialize;

use self::compare::compare;
use self::report::text;
use crate::failure::Failure;
use crate::options::{DiffFormat, DiffOptions};
use crate::outcome::Outcome;
use crate::program;
use crate::snapshot::{Snapshot, VERSION};

pub(crate) fn run(options: &DiffOptions, output: &mut dyn Write) -> Result<Outcome, Failure> {
    let old = read(&options.old)?;
    let new = read(&options.new)?;
    let differences = compare(&old, &new);
    match options.format {
        DiffFormat::Text => output.write_all(text(&differences).as_bytes())?,
        DiffFormat::Json => {
            serde_json::to_writer_pretty(&mut *output, &differences)?;
            writeln!(output)?;
        }
    }
    Ok(if options.exit_code && !differences.is_empty() {
        Outcome::Found
    } else {
        Outcome::Clean
    })
}

/// A snapshot is JSON, and begins with a brace. No program does.
fn read(path: &Path) -> Result<Snapshot, Failure> {
    let shown = path.display();
    let bytes = fs::read(path)
        .map_err(|error| Failure::new(format!("`{shown}` cannot be read: {error}")))?;
    if bytes.trim_ascii_start().first() == Some(&b'{') {
        return parse(&bytes).map_err(|problem| Failure::new(format!("`{shown}` {problem}")));
    }
    let program = Program::new(program::records_of(path)?);
    Ok(Snapshot::new(&program, program.wiring()))
}

fn parse(json: &[u8]) -> Result<Snapshot, String> {
    #[derive(Deserialize)]
    struct Version {
        eventful: u32,
    }

    let no_snapshot =
        |error| format!("is no snapshot: {error}; `cargo eventful list --format json` writes one");
    let Version { eventful } = serde_json::from_slice(json).map_err(no_snapshot)?;
    if eventful > VERSION {
        return Err(format!(
            "is a snapshot of version {eventful}, and this understands version {VERSION}; update this command: \
             cargo install cargo-eventful"
        ));
    }
    serde_json::from_slice(json).map_err(no_snapshot)
}
