//! The ledger: what handlers have done, in one file that all processes append to.

use std::fs::{File, OpenOptions};
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::sync::Arc;

use uuid::Uuid;

use crate::Attempt;
use crate::observe::{DurableObserver, Notice};

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
}

/// A line of the ledger. Attempt, process and key are for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Line {
    pub(super) kind: Kind,
    pub(super) subscription: String,
    /// Nil if the line is about no event.
    pub(super) event: Uuid,
}

/// The file, opened by one process. Each line is one write, so lines of two processes do not mix.
#[derive(Clone, Debug)]
pub(super) struct Ledger {
    file: Arc<File>,
    errors: Arc<File>,
}

impl Ledger {
    pub(super) fn open(directory: &Path) -> Self {
        Self {
            file: Arc::new(appending(&directory.join("ledger"))),
            errors: Arc::new(appending(&directory.join("errors"))),
        }
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

impl Kind {
    const ALL: [Self; 5] = [Self::Start, Self::Ok, Self::Fail, Self::Dead, Self::Taken];

    fn name(self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::Ok => "ok",
            Self::Fail => "fail",
            Self::Dead => "dead",
            Self::Taken => "taken",
        }
    }
}

impl Line {
    /// Reads one line.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let mut words = text.split(' ');
        let kind = words.next()?;
        Some(Self {
            kind: Kind::ALL.into_iter().find(|it| it.name() == kind)?,
            subscription: words.next()?.to_owned(),
            event: words.next()?.parse().ok()?,
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
