//! Everything that is wrong with a worker.

use std::error::Error;
use std::fmt;

use crate::faults::Faults;

/// A worker that cannot be built, with every fault at once.
#[derive(Debug)]
pub struct WorkerBuildError {
    faults: Faults,
}

impl WorkerBuildError {
    pub(super) fn new(faults: Faults) -> Self {
        Self { faults }
    }

    /// Returns the faults, each a sentence.
    pub fn faults(&self) -> impl Iterator<Item = &str> {
        self.faults.all().iter().map(String::as_str)
    }
}

impl fmt::Display for WorkerBuildError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.faults.fmt(formatter, "the worker cannot be built")
    }
}

impl Error for WorkerBuildError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.faults.source()
    }
}
