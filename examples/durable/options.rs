//! The options of the command line.

use std::num::NonZeroU32;
use std::path::PathBuf;

pub(crate) const USAGE: &str = "\
Places the orders of examples/data/orders.csv into a file of SQLite, each in one transaction with its event. After the
commit, a mail, a reservation and a line for the audit follow from it, also if the process ends in between.

usage: durable [--file PATH] [--crash-after N]

  --file PATH      the file, made if it is missing [default: eventful-durable.db in the folder for temporary files];
                   mails and lines for the audit go to PATH-mails.txt and PATH-audit.txt
  --crash-after N  ends the process in the middle of the Nth handler: the work is done, and not acknowledged

Run it with `--crash-after 5`, then without, and read what was done twice. Run it again: nothing more is done.

exit status: 0 all is done, 2 it could not be";

/// The choice of the person.
#[derive(Debug)]
pub(crate) enum Command {
    Help,
    Run(Options),
}

#[derive(Debug)]
pub(crate) struct Options {
    pub(crate) file: PathBuf,
    pub(crate) crash_after: Option<NonZeroU32>,
}

pub(crate) fn parse(mut arguments: impl Iterator<Item = String>) -> Result<Command, String> {
    let mut options = Options {
        file: std::env::temp_dir().join("eventful-durable.db"),
        crash_after: None,
    };
    while let Some(argument) = arguments.next() {
        match &*argument {
            "-h" | "--help" => return Ok(Command::Help),
            "--file" => {
                let path = arguments.next();
                options.file = path.ok_or("--file needs a path")?.into();
            }
            "--crash-after" => {
                let number = arguments.next().ok_or("--crash-after needs a number")?;
                let number = number
                    .parse()
                    .map_err(|_| format!("--crash-after needs a number from 1, not {number:?}"))?;
                options.crash_after = Some(number);
            }
            unknown => return Err(format!("unknown argument: {unknown}")),
        }
    }
    Ok(Command::Run(options))
}
