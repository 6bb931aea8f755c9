use std::fmt;
use std::io;

/// The reason why a command failed, and the way out.
#[derive(Debug)]
pub(crate) enum Failure {
    /// A message for the person in front of the terminal.
    Said(String),
    /// The reader of the output has stopped reading. That is no fault.
    NobodyReads,
}

impl Failure {
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self::Said(message.into())
    }
}

impl From<io::Error> for Failure {
    /// An error of writing the output. Errors of reading name the file.
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::BrokenPipe => Self::NobodyReads,
            _ => Self::Said(format!("the output could not be written: {error}")),
        }
    }
}

impl From<serde_json::Error> for Failure {
    /// An error of writing the output as JSON.
    fn from(error: serde_json::Error) -> Self {
        io::Error::from(error).into()
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Said(message) => formatter.write_str(message),
            Self::NobodyReads => formatter.write_str("nobody reads the output"),
        }
    }
}
