//! The ledger: what handlers have done, in one file that all processes append to.

use std::fs::{File, OpenOptions};
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::sync::Arc;

use jiff::Timestamp;
use uuid::Uuid;

use crate::Attempt;
use crate::observe::{DurableObserver, Notice};
use crate::store::{Acknowledgement, Acquire, Lease, Partition};
use crate::testing::Witness;

/// The file with a byte for each transaction that was committed.
const TRANSACTIONS: &str = "transactions";

/// The subject of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// An attempt begins.
    Start,
    /// It was a success.
    Ok,
    /// It was none.
    Fail,
    /// The worker gives the event up.
    Dead,
    /// A worker has taken the lease.
    Taken,
    /// The store has given a lease.
    Gave,
    /// The store has taken an acknowledgement that moves a cursor.
    Took,
}

/// A line of the ledger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Line {
    pub(super) kind: Kind,
    pub(super) subscription: String,
    /// The token, where the line is about a cursor. Nil if it is about neither.
    pub(super) event: Uuid,
    /// The words behind, where the line is about a cursor. Elsewhere they are for people.
    pub(super) more: Vec<String>,
}

/// The file, opened by one process. Each line is one write, so lines of two processes do not mix.
#[derive(Clone, Debug)]
pub(super) struct Ledger {
    file: Arc<File>,
    errors: Arc<File>,
    transactions: Arc<File>,
}

impl Ledger {
    pub(super) fn open(directory: &Path) -> Self {
        Self {
            file: Arc::new(appending(&directory.join("ledger"))),
            errors: Arc::new(appending(&directory.join("errors"))),
            transactions: Arc::new(appending(&directory.join(TRANSACTIONS))),
        }
    }

    /// Counts a transaction that was committed.
    pub(super) fn committed(&self) {
        let written = (&*self.transactions).write_all(b".");
        written.expect("a byte can be written");
    }

    pub(super) fn write(&self, kind: Kind, subscription: &str, event: Uuid, more: &str) {
        let kind = kind.name();
        let process = std::process::id();
        write(
            &self.file,
            &format!("{kind} {subscription} {event} {process} {more}"),
        );
    }

    pub(super) fn attempt(&self, kind: Kind, subscription: &str, row: &super::Row, it: Attempt) {
        let key = row.key.as_deref().unwrap_or("-");
        let more = format!("{key} {} attempt {}", row.number, it.number);
        self.write(kind, subscription, row.id, &more);
    }

    /// Writes down an error that is none of the harness's own making. `who` is one word.
    pub(super) fn error(&self, who: &str, error: &str) {
        let error = error.replace('\n', " ");
        write(&self.errors, &format!("{who} {error}"));
    }
}

impl DurableObserver for Ledger {
    fn noticed(&self, notice: &Notice<'_>) {
        match notice {
            Notice::Died { event, reason, .. } => {
                self.write(Kind::Dead, event.subscription, event.event, reason);
            }
            Notice::LeaseTaken { partition } => {
                self.write(Kind::Taken, &partition.subscription, Uuid::nil(), "");
            }
            Notice::StoreFailed { step, error } => {
                let cause = std::error::Error::source(error).map(ToString::to_string);
                let cause = cause.unwrap_or_default();
                self.error("worker", &format!("{step}: {error}: {cause}"));
            }
            _ => {}
        }
    }
}

impl Witness for Ledger {
    fn gave(&self, acquire: &Acquire, asked_at: Timestamp, lease: &Lease) {
        let Partition {
            subscription,
            number,
        } = &acquire.partition;
        let (asked_at, given_at) = (asked_at.as_microsecond(), Timestamp::now().as_microsecond());
        let more = format!("{number} {} {asked_at} {given_at}", lease.cursor.position);
        self.write(Kind::Gave, subscription, acquire.token.0, &more);
    }

    fn took(&self, acknowledgement: &Acknowledgement) {
        let Acknowledgement { held, from, to, .. } = acknowledgement;
        if from == to {
            return;
        }
        let number = held.partition.number;
        let more = format!("{number} {} {}", from.position, to.position);
        let subscription = &held.partition.subscription;
        self.write(Kind::Took, subscription, held.token.0, &more);
    }
}

impl Kind {
    const ALL: [Self; 7] = [
        Self::Start,
        Self::Ok,
        Self::Fail,
        Self::Dead,
        Self::Taken,
        Self::Gave,
        Self::Took,
    ];

    fn name(self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::Ok => "ok",
            Self::Fail => "fail",
            Self::Dead => "dead",
            Self::Taken => "taken",
            Self::Gave => "gave",
            Self::Took => "took",
        }
    }
}

impl Line {
    /// Reads one line.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let mut words = text.split(' ');
        let kind = words.next()?;
        let kind = Kind::ALL.into_iter().find(|it| it.name() == kind)?;
        let is_about_a_cursor = matches!(kind, Kind::Gave | Kind::Took);
        Some(Self {
            kind,
            subscription: words.next()?.to_owned(),
            event: words.next()?.parse().ok()?,
            more: if is_about_a_cursor {
                // The process stands between.
                words.skip(1).map(str::to_owned).collect()
            } else {
                Vec::new()
            },
        })
    }
}

/// Reads the ledger of a run, line by line: that of a long run is large.
pub(super) fn read(directory: &Path) -> impl Iterator<Item = String> {
    let file = File::open(directory.join("ledger"));
    let file = file.expect("there is a ledger");
    let lines = BufReader::new(file).lines();
    lines.map(|line| line.expect("the ledger can be read"))
}

/// Counts the transactions that were committed, except those whose publisher was killed just then.
pub(super) fn transactions(directory: &Path) -> u64 {
    let file = std::fs::metadata(directory.join(TRANSACTIONS));
    file.map_or(0, |file| file.len())
}

/// Appends a line to a file.
pub(super) fn append_line(path: &Path, line: &str) {
    write(&appending(path), line);
}

/// Reads the lines of a file. There are none if there is no file.
pub(super) fn lines_of(path: &Path) -> Vec<String> {
    let text = std::fs::read_to_string(path).unwrap_or_default();
    text.lines().map(str::to_owned).collect()
}

fn appending(path: &Path) -> File {
    let opened = OpenOptions::new().create(true).append(true).open(path);
    opened.unwrap_or_else(|error| panic!("{} cannot be opened: {error}", path.display()))
}

fn write(mut file: &File, line: &str) {
    let written = file.write_all(format!("{line}\n").as_bytes());
    written.expect("a line can be written");
}
