//! Everything that is wrong with a program, or the failure of its store.

use std::error::Error;
use std::fmt;

use crate::store::StoreError;

#[derive(Debug)]
pub(crate) struct Faults {
    all: Vec<String>,
    source: Option<StoreError>,
}

impl Faults {
    pub(crate) fn found(all: Vec<String>) -> Self {
        Self { all, source: None }
    }

    pub(crate) fn of_store(step: &str, error: StoreError) -> Self {
        Self {
            all: vec![format!("the store failed to {step}")],
            source: Some(error),
        }
    }

    /// The faults, each a sentence.
    pub(crate) fn all(&self) -> &[String] {
        &self.all
    }

    pub(crate) fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.as_ref().map(|source| source as _)
    }

    /// Shows what they keep from being done, and the faults.
    pub(crate) fn fmt(&self, formatter: &mut fmt::Formatter<'_>, prevented: &str) -> fmt::Result {
        match &self.all[..] {
            [fault] => write!(formatter, "{prevented}: {fault}"),
            faults => {
                write!(formatter, "{prevented}: {} faults", faults.len())?;
                faults
                    .iter()
                    .try_for_each(|fault| write!(formatter, "\n  - {fault}"))
            }
        }
    }
}
