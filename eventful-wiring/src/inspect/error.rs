//! Reasons why a section cannot be read.

use std::error::Error;
use std::fmt;

/// The reason why the content of a section is no list of records.
#[derive(Clone, PartialEq, Eq)]
pub struct RecordError {
    /// The byte of the section at which the record begins.
    pub(super) offset: usize,
    pub(super) kind: ErrorKind,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum ErrorKind {
    NewerVersion(u32),
    NoProgram,
    NoRecord,
    NoEnd,
    NoText,
    WrongFact(String),
    MissingFact(&'static str),
}

/// The most characters of a line that an error shows.
const MOST_SHOWN: usize = 100;

impl RecordError {
    /// Returns true if the program was built with a newer version of the framework.
    #[must_use]
    pub const fn is_newer_version(&self) -> bool {
        matches!(self.kind, ErrorKind::NewerVersion(_))
    }
}

impl fmt::Display for RecordError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { offset, kind } = self;
        let what = match kind {
            ErrorKind::NewerVersion(version) => {
                return write!(
                    formatter,
                    "the program has records of version {version}, and this understands version 1; use a newer one"
                );
            }
            ErrorKind::NoProgram => {
                return formatter.write_str("the file is no program, or it is cut off");
            }
            ErrorKind::NoRecord => {
                return write!(
                    formatter,
                    "at byte {offset} of the section no record begins"
                );
            }
            ErrorKind::NoEnd => "has no end; the file may be cut off".to_owned(),
            ErrorKind::NoText => "is no text".to_owned(),
            ErrorKind::WrongFact(fact) => {
                // A line of a file that is no program may be as long as the file.
                let beginning: String = fact.chars().take(MOST_SHOWN).collect();
                let rest = if beginning == *fact { "" } else { "…" };
                format!("has a line that means nothing: {beginning:?}{rest}")
            }
            ErrorKind::MissingFact(fact) => format!("has no line `{fact}`"),
        };
        write!(
            formatter,
            "the record at byte {offset} of the section {what}"
        )
    }
}

/// Writes the same text as `Display`, because `unwrap` prints it.
impl fmt::Debug for RecordError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

impl Error for RecordError {}
