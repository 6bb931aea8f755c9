//! The options of the command line.

use std::num::NonZeroU32;
use std::path::PathBuf;
use std::time::Duration;

pub(crate) const USAGE: &str = "\
Places the orders of examples/data/orders.csv into a database, each in one transaction with its event. After the
commit, a mail, a reservation and a line for the audit follow from it, also if the process ends in between.

usage: durable [--store URL] [--file PATH] [--crash-after N] [--mails-take MS]

  --store URL      a database of PostgreSQL, `postgres://…`, where several processes may run at once, and which needs
                   `--features postgres,sqlite` [default: a file of SQLite]
  --file PATH      the file, made if it is missing [default: eventful-durable.db in the folder for temporary files];
                   mails and lines for the audit go to PATH-mails.txt and PATH-audit.txt, with PostgreSQL, too
  --crash-after N  ends the process in the middle of the Nth handler: the work is done, and not acknowledged
  --mails-take MS  the time that the mail server takes for each mail, in milliseconds [default: 0]

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
    /// The URL of a database of PostgreSQL.
    pub(crate) store: Option<String>,
    pub(crate) file: PathBuf,
    pub(crate) mails_take: Duration,
    pub(crate) crash_after: Option<NonZeroU32>,
}

pub(crate) fn parse(mut arguments: impl Iterator<Item = String>) -> Result<Command, String> {
    let mut options = Options {
        file: std::env::temp_dir().join("eventful-durable.db"),
        store: None,
        crash_after: None,
        mails_take: Duration::ZERO,
    };
    while let Some(argument) = arguments.next() {
        match &*argument {
            "-h" | "--help" => return Ok(Command::Help),
            "--file" => {
                let path = arguments.next();
                options.file = path.ok_or("--file needs a path")?.into();
            }
            "--store" => options.store = Some(store(arguments.next())?),
            "--mails-take" => {
                let time = arguments.next().and_then(|time| time.parse().ok());
                let time = time.ok_or("--mails-take needs a number of milliseconds")?;
                options.mails_take = Duration::from_millis(time);
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

fn store(url: Option<String>) -> Result<String, String> {
    let url = url.ok_or("--store needs a URL")?;
    if !url.starts_with("postgres://") && !url.starts_with("postgresql://") {
        return Err(format!(
            "--store needs a URL that begins with postgres://, not {url:?}"
        ));
    }
    if cfg!(not(feature = "postgres")) {
        return Err("--store needs `--features postgres,sqlite`".to_owned());
    }
    Ok(url)
}
