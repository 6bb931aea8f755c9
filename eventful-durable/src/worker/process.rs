//! The events that run in a process, for those that have to run alone in it.

use std::sync::{Arc, LazyLock};
use std::time::Duration;

use tokio::sync::{OwnedRwLockReadGuard, OwnedRwLockWriteGuard, RwLock};
use tokio::time::timeout;

/// The process in which handlers run. All workers of a program share [`Process::this`].
///
/// # Examples
///
/// ```standalone_crate
/// use eventful::Bus;
/// use eventful::durable::{Memory, Process, Worker};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let bus = Bus::isolated().build()?;
/// let store = Memory::new();
/// let here = Worker::builder(&bus, store.clone()).in_process(&Process::this()).build().await?;
/// let elsewhere = Worker::builder(&bus, store).in_process(&Process::simulated()).build().await?;
/// here.run_until_idle().await?;
/// elsewhere.run_until_idle().await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Process {
    gate: Arc<RwLock<()>>,
}

/// The right to run beside others.
pub(super) type Beside = OwnedRwLockReadGuard<()>;

/// The right to run alone.
pub(super) type Alone = OwnedRwLockWriteGuard<()>;

/// The longest wait for others to end. A handler that nothing ends must not hold up a suspect for ever.
const LONGEST_WAIT: Duration = Duration::from_secs(120);

impl Process {
    /// The process that the program runs in.
    #[must_use]
    pub fn this() -> Self {
        static THIS: LazyLock<Process> = LazyLock::new(Process::simulated);
        THIS.clone()
    }

    /// A process that is only simulated, for a test that has several.
    #[must_use]
    pub fn simulated() -> Self {
        Self {
            gate: Arc::default(),
        }
    }

    pub(super) async fn beside(&self) -> Beside {
        self.gate.clone().read_owned().await
    }

    /// `None` if the others did not end in time.
    pub(super) async fn alone(&self) -> Option<Alone> {
        let alone = self.gate.clone().write_owned();
        timeout(LONGEST_WAIT, alone).await.ok()
    }
}
