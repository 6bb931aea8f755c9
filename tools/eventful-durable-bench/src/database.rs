//! A database for one figure.

use std::error::Error;
use std::fmt::Display;
use std::time::Duration;

use eventful::durable::store::Store;
use eventful::durable::{Appends, StillRunning, Worker, WorkerHandle};
use eventful::{Bus, event};
use serde::{Deserialize, Serialize};
use tokio::task::JoinHandle;

pub(crate) type Outcome<T = ()> = Result<T, Box<dyn Error + Send + Sync>>;

/// An event with a payload of 200 bytes.
#[event(durable, name = "bench.placed", key = key)]
#[derive(Serialize, Deserialize)]
pub(crate) struct Placed {
    pub(crate) key: u64,
    /// Nanoseconds since the program began.
    pub(crate) at: u64,
    pub(crate) text: String,
}

impl Placed {
    pub(crate) fn new(key: u64, at: u64) -> Self {
        Self {
            key,
            at,
            text: "x".repeat(160),
        }
    }
}

/// The sizes of the figures.
pub(crate) struct Sizes {
    /// The numbers of connections that publish at once.
    pub(crate) publishers: &'static [u64],
    /// The events of a backlog that is drained.
    pub(crate) drained: u64,
    /// The events of a backlog whose memory is looked at.
    pub(crate) waiting: u64,
    /// The events a second of the steady stream, and the connections that publish them.
    pub(crate) rate: u64,
    pub(crate) streams: u64,
}

/// A database of its own for one figure.
pub(crate) trait Database: Send + Sync + Sized + 'static {
    type Store: Store + Clone;
    /// The durability of a commit of the publishers.
    type Synchronous: Copy + Display;
    /// A transaction of the program.
    type Transaction: Appends<Self::Store> + Send;

    const SYNCHRONOUS: &'static [Self::Synchronous];
    const SIZES: Sizes;

    /// Creates it, with the tables of the store and of the program.
    fn new(synchronous: Self::Synchronous) -> impl Future<Output = Outcome<Self>> + Send;

    fn store(&self) -> &Self::Store;

    fn begin(&self) -> impl Future<Output = Outcome<Self::Transaction>> + Send;

    fn commit(transaction: Self::Transaction) -> impl Future<Output = Outcome> + Send;

    /// Inserts what the program is about.
    fn insert_business(transaction: &mut Self::Transaction)
    -> impl Future<Output = Outcome> + Send;

    /// Inserts a row into a table with the columns and indexes of the log.
    fn insert_second(
        transaction: &mut Self::Transaction,
        payload: &str,
    ) -> impl Future<Output = Outcome> + Send;

    /// Appends events without a publish, as fast as the database can.
    fn fill(&self, events: u64, keys: u64) -> impl Future<Output = Outcome> + Send;

    /// Deletes it.
    fn remove(self) -> impl Future<Output = Outcome> + Send;

    fn worker(&self, bus: &Bus) -> impl Future<Output = Outcome<Worker>> + Send {
        let builder = Worker::builder(bus, self.store().clone());
        async move { Ok(builder.build().await?) }
    }

    /// Begins to deliver.
    fn deliver(&self, bus: &Bus) -> impl Future<Output = Outcome<Delivering>> + Send {
        let worker = self.worker(bus);
        async move {
            let worker = worker.await?;
            Ok(Delivering {
                handle: worker.handle(),
                task: tokio::spawn(async move { worker.run_until(std::future::pending()).await }),
            })
        }
    }

    /// Fails unless each subscription has handled that many events.
    fn require_handled(&self, events: u64) -> impl Future<Output = Outcome> + Send {
        async move {
            for state in self.store().subscriptions().await? {
                let handled: u64 = state
                    .partitions
                    .iter()
                    .map(|partition| partition.handled)
                    .sum();
                if handled != events {
                    return Err(
                        format!("{} has handled {handled} of {events} events", state.id).into(),
                    );
                }
            }
            Ok(())
        }
    }
}

/// A worker that runs.
pub(crate) struct Delivering {
    handle: WorkerHandle,
    task: JoinHandle<Result<(), StillRunning>>,
}

impl Delivering {
    pub(crate) async fn stop(self) -> Outcome {
        self.handle.stop(Duration::from_secs(5)).await;
        Ok(self.task.await??)
    }
}
