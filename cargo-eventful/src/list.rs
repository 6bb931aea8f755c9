use std::io::Write;

use crate::command::Outcome;
use crate::failure::Failure;
use crate::options::ListOptions;
use crate::program;

/// `cargo eventful list`.
pub(crate) fn run(options: &ListOptions, output: &mut dyn Write) -> Result<Outcome, Failure> {
    for record in program::records(&options.program)? {
        writeln!(output, "{}", record.position())?;
    }
    Ok(Outcome::Clean)
}
