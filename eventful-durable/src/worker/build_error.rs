//! Everything that is wrong with a worker.

use std::error::Error;
use std::fmt;

use crate::faults::Faults;

/// A worker that cannot be built, with every fault at once.
///
/// # Examples
///
/// ```standalone_crate
/// use std::time::Duration;
///
/// use eventful::Bus;
/// use eventful::durable::{Memory, Worker, WorkerBuildError};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), eventful::WiringError> {
/// let bus = Bus::isolated().build()?;
/// let worker = Worker::builder(&bus, Memory::new()).only("mail.*").lease(Duration::from_millis(1));
/// let error: WorkerBuildError = worker.build().await.unwrap_err();
/// assert_eq!(error.faults().count(), 2);
/// # Ok(())
/// # }
/// ```
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
