//! Reasons why a section cannot be read.

use std::error::Error;
use std::fmt;

/// The reason why the content of a section is no list of records.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RecordError(pub(super) ErrorKind);

#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum ErrorKind {
    NewerVersion { version: u32 },
    NoProgram,
    NoRecord { offset: usize },
    NoEnd { offset: usize },
    NoText { offset: usize },
    WrongFact { offset: usize, fact: String },
    MissingFact { offset: usize, fact: &'static str },
}

/// The most characters of a line that an error shows.
const MOST_SHOWN: usize = 100;

impl RecordError {
    /// Returns true if the program was built with a newer version of the framework.
    #[must_use]
    pub const fn is_newer_version(&self) -> bool {
        matches!(self.0, ErrorKind::NewerVersion { .. })
    }
}

impl fmt::Display for RecordError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            ErrorKind::NewerVersion { version } => write!(
                formatter,
                "the program has records of version {version}, and this understands version 1; use a newer one"
            ),
            ErrorKind::NoProgram => formatter.write_str("the file is no program, or it is cut off"),
            ErrorKind::NoRecord { offset } => {
                write!(
                    formatter,
                    "at byte {offset} of the section no record begins"
                )
            }
            ErrorKind::NoEnd { offset } => write!(
                formatter,
                "the record at byte {offset} of the section has no end; the file may be cut off"
            ),
            ErrorKind::NoText { offset } => write!(
                formatter,
                "the record at byte {offset} of the section is no text"
            ),
            ErrorKind::WrongFact { offset, fact } => {
                // A line of a file that is no program may be as long as the file.
                let beginning: String = fact.chars().take(MOST_SHOWN).collect();
                let rest = if beginning == *fact { "" } else { "…" };
                write!(
                    formatter,
                    "the record at byte {offset} of the section has a line that means nothing: {beginning:?}{rest}"
                )
            }
            ErrorKind::MissingFact { offset, fact } => write!(
                formatter,
                "the record at byte {offset} of the section has no line `{fact}`"
            ),
        }
    }
}

impl Error for RecordError {}
