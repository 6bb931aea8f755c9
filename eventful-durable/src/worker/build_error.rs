//! Everything that is wrong with a worker.

use std::error::Error;
use std::fmt;

use crate::store::StoreError;

/// A worker that cannot be built, with every fault at once.
#[derive(Debug)]
pub struct WorkerBuildError {
    faults: Vec<String>,
    source: Option<StoreError>,
}

impl WorkerBuildError {
    pub(super) fn of_faults(faults: Vec<String>) -> Self {
        Self {
            faults,
            source: None,
        }
    }

    pub(super) fn of_store(step: &str, error: StoreError) -> Self {
        Self {
            faults: vec![format!("the store failed to {step}")],
            source: Some(error),
        }
    }

    /// Returns the faults, each a sentence.
    pub fn faults(&self) -> impl Iterator<Item = &str> {
        self.faults.iter().map(String::as_str)
    }
}

impl fmt::Display for WorkerBuildError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.faults[..] {
            [fault] => write!(formatter, "the worker cannot be built: {fault}"),
            faults => {
                write!(
                    formatter,
                    "the worker cannot be built: {} faults",
                    faults.len()
                )?;
                for fault in faults {
                    write!(formatter, "\n  - {fault}")?;
                }
                Ok(())
            }
        }
    }
}

impl Error for WorkerBuildError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.as_ref().map(|source| source as _)
    }
}
