//! A store, and the lines that handlers leave.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use eventful::Bus;
use eventful::durable::store::{DeadFilter, DeadLetter, PartitionState, Store, SubscriptionState};
use eventful::durable::{Memory, Worker};

/// Lines in the order in which things happened.
#[derive(Clone, Default)]
pub(crate) struct Trace(Arc<Mutex<Vec<String>>>);

impl Trace {
    pub(crate) fn push(&self, line: impl Into<String>) {
        self.0.lock().unwrap().push(line.into());
    }

    pub(crate) fn take(&self) -> Vec<String> {
        std::mem::take(&mut *self.0.lock().unwrap())
    }

    /// The lines sorted, where different handlers or keys have no order.
    pub(crate) fn take_sorted(&self) -> Vec<String> {
        let mut lines = self.take();
        lines.sort();
        lines
    }
}

pub(crate) async fn worker(bus: &Bus, store: &Memory) -> Worker {
    let built = Worker::builder(bus, store.clone()).build().await;
    built.expect("nothing is wrong")
}

/// Does what is to be done now.
pub(crate) async fn run(worker: &Worker) {
    worker
        .run_until_idle()
        .await
        .expect("the memory never fails");
}

/// Does what is to be done when this time has passed.
pub(crate) async fn run_after(worker: &Worker, store: &Memory, seconds: u64) {
    store.move_clock(Duration::from_secs(seconds));
    run(worker).await;
}

pub(crate) async fn state(store: &Memory, id: &str) -> SubscriptionState {
    let states = store.subscriptions().await.expect("the memory never fails");
    let mut states = states.into_iter().filter(|state| state.id == id);
    states.next().expect("it is registered")
}

/// The state of the only partition.
pub(crate) async fn partition(store: &Memory, id: &str) -> PartitionState {
    state(store, id).await.partitions.remove(0)
}

pub(crate) async fn dead(store: &Memory, filter: &DeadFilter) -> Vec<DeadLetter> {
    let dead = store.dead_letters(filter).await;
    dead.expect("the memory never fails")
}
