//! The partitions that a worker runs.

use std::collections::BTreeMap;
use std::error::Error;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout};

use super::Worker;
use super::runner::{End, HandOver, Runner, Wish};
use super::shared::Subscribed;
use super::term::Term;
use crate::store::{
    Acquire, Held, Lease, Needs, Partition, PartitionState, Store, StoreError, SubscriptionState,
    Token,
};

/// The runners of a worker.
pub(super) struct Crew<'a> {
    worker: &'a Worker,
    wish: Wish,
    active: ActiveLeases,
    runners: JoinSet<Ended>,
    failure: Option<StoreError>,
}

/// The leases that are held, for those who renew them.
#[derive(Clone, Default)]
pub(super) struct ActiveLeases {
    leases: Arc<Mutex<BTreeMap<Partition, Active>>>,
}

/// A lease that is held.
#[derive(Clone)]
pub(super) struct Active {
    pub(super) held: Held,
    pub(super) term: Arc<Term>,
    /// The index of its store.
    pub(super) store: usize,
    wish: watch::Sender<Wish>,
}

/// A runner that has ended.
pub(super) struct Ended {
    partition: Partition,
    end: End,
}

/// A partition that was handed over.
#[derive(Clone, Copy)]
pub(super) struct Refrain {
    until: Instant,
    times: u32,
}

/// The hand-overs after which a worker parks what it does not know: nobody else takes the partition.
const HAND_OVERS: u32 = 2;

impl<'a> Crew<'a> {
    pub(super) fn new(worker: &'a Worker, wish: Wish) -> Self {
        Self {
            worker,
            wish,
            active: ActiveLeases::default(),
            runners: JoinSet::new(),
            failure: None,
        }
    }

    pub(super) fn active(&self) -> ActiveLeases {
        self.active.clone()
    }

    /// The failure of a store that has ended a runner or a scan.
    pub(super) fn failure(&mut self) -> Result<(), StoreError> {
        self.failure.take().map_or(Ok(()), Err)
    }

    /// Takes the partitions that are free, and gives back those that are paused.
    pub(super) async fn scan(&mut self) {
        for (index, store) in self.worker.stores.iter().enumerate() {
            match store.subscriptions().await {
                Ok(states) => self.scan_states(index, store, &states).await,
                Err(error) => self.failed("read the subscriptions", error),
            }
        }
    }

    async fn scan_states(
        &mut self,
        index: usize,
        store: &Arc<dyn Store>,
        states: &[SubscriptionState],
    ) {
        let shared = &self.worker.shared;
        let find = |id: &str| shared.subscriptions.iter().find(|it| it.id() == id);
        let mine = states
            .iter()
            .filter_map(|state| Some((state, find(&state.id)?)));
        let mine: Vec<_> = mine.collect();
        let count = mine.iter().map(|(state, _)| state.partitions.len()).sum();
        for (state, subscribed) in mine {
            for partition in &state.partitions {
                let active = self.active.lock().get(&partition.partition).cloned();
                match active {
                    Some(active) if state.paused => active.give_back(),
                    None if self.may_take(state, partition, subscribed, count) => {
                        self.take(index, store, partition, subscribed).await;
                    }
                    Some(_) | None => {}
                }
            }
        }
        self.share(count);
    }

    fn may_take(
        &self,
        state: &SubscriptionState,
        partition: &PartitionState,
        subscribed: &Subscribed,
        count: usize,
    ) -> bool {
        let is_free = partition.leased_for.is_none() && !state.paused;
        let refrain = self.refrains().get(&partition.partition).copied();
        let refrains = refrain.is_some_and(|refrain| refrain.until > Instant::now());
        is_free
            && !refrains
            && self.has_room(count)
            && !Self::is_better_left(self, state, subscribed)
    }

    /// Returns true if this worker does not know all names of the subscription, and another one does. Once that one has
    /// had the time to take it, this one takes what there is.
    fn is_better_left(&self, state: &SubscriptionState, subscribed: &Subscribed) -> bool {
        let needs = state.names.iter().map(|(name, heard)| Needs {
            name: name.clone(),
            version: heard.version,
        });
        let peers = self.worker.shared.peers.borrow();
        let unknown = needs.filter(|needs| !subscribed.knows(needs));
        let first_of = Partition::first_of(state.id.clone());
        let tried = self.refrains().get(&first_of).map_or(0, |it| it.times);
        let mut left = unknown.filter(|needs| subscribed.is_known_to(&peers, needs));
        let is_left = left.next().is_some() && tried < HAND_OVERS;
        drop(peers);
        if is_left {
            self.refrain(&first_of);
        }
        is_left
    }

    /// A worker takes its fair share when others are there.
    fn has_room(&self, count: usize) -> bool {
        let workers = self.worker.shared.peers.borrow().len() + 1;
        self.wish == Wish::UntilIdle || self.active.lock().len() < count.div_ceil(workers)
    }

    /// Gives one partition back if another worker has less than its share.
    fn share(&self, count: usize) {
        let peers = self.worker.shared.peers.borrow();
        let workers = peers.len() + 1;
        let is_poor = peers.iter().any(|peer| peer.holds.len() < count / workers);
        let active = self.active.lock();
        if self.wish == Wish::GoOn
            && is_poor
            && active.len() > count.div_ceil(workers)
            && let Some((_, active)) = active.last_key_value()
        {
            active.give_back();
        }
    }

    async fn take(
        &mut self,
        index: usize,
        store: &Arc<dyn Store>,
        state: &PartitionState,
        subscribed: &Arc<Subscribed>,
    ) {
        let shared = &self.worker.shared;
        let before = Instant::now();
        let acquire = Acquire {
            partition: state.partition.clone(),
            token: Token::fresh(),
            worker: shared.id,
            ttl: shared.options.lease,
        };
        match store.acquire(&acquire).await {
            Ok(None) => {}
            Ok(Some(lease)) => {
                let term = Term::until(before + shared.options.lease);
                self.start(index, store, subscribed, lease, Arc::new(term));
            }
            Err(error) => self.failed("take a lease", error),
        }
    }

    fn start(
        &mut self,
        index: usize,
        store: &Arc<dyn Store>,
        subscribed: &Arc<Subscribed>,
        lease: Lease,
        term: Arc<Term>,
    ) {
        let shared = &self.worker.shared;
        let (wish, wished) = watch::channel(self.wish);
        let held = lease.held.clone();
        let partition = held.partition.clone();
        let times = self.refrains().get(&partition).map_or(0, |it| it.times);
        let hand_over = match times {
            HAND_OVERS.. => HandOver::Tried,
            _ => HandOver::Allowed,
        };
        let active = Active {
            held,
            term: term.clone(),
            store: index,
            wish,
        };
        let runner = Runner::new(
            shared.clone(),
            store.clone(),
            subscribed.clone(),
            lease,
            term,
            wished,
            hand_over,
        );
        shared.holds().push(partition.clone());
        self.active.lock().insert(partition.clone(), active);
        self.runners.spawn(async move {
            let end = runner.run().await;
            Ended { partition, end }
        });
    }

    /// Waits for a runner to end. `None` if there is none.
    pub(super) async fn next_end(&mut self) -> Option<Ended> {
        loop {
            match self.runners.join_next().await? {
                Ok(ended) => return Some(ended),
                // A runner does not panic; if it does, its lease runs out.
                Err(error) => tracing::error!(%error, "a runner has panicked"),
            }
        }
    }

    /// Gives the lease of a runner back.
    pub(super) async fn release(&mut self, ended: Ended) {
        let Ended { partition, end } = ended;
        self.worker.shared.holds().retain(|held| *held != partition);
        let active = self.active.lock().remove(&partition);
        if let Some(active) = active {
            let store = &self.worker.stores[active.store];
            if let Err(error) = store.release(&[active.held]).await {
                self.failed("give a lease back", error);
            }
        }
        match end {
            End::HandedOver => self.refrain(&partition),
            End::StoreFailed(error) => self.failure = Some(error),
            End::Lost | End::Done => {}
        }
    }

    fn refrain(&self, partition: &Partition) {
        let until = Instant::now() + self.worker.shared.options.lease;
        let mut refrains = self.refrains();
        let refrain = refrains
            .entry(partition.clone())
            .or_insert(Refrain { until, times: 0 });
        refrain.until = until;
        refrain.times += 1;
    }

    /// Stops all runners, and gives their leases back. Those that do not end in time are dropped.
    pub(super) async fn stop(mut self, limit: Duration) -> Result<(), StillRunning> {
        for active in self.active.lock().values() {
            active.give_back();
        }
        let all = async {
            while let Some(ended) = self.next_end().await {
                self.release(ended).await;
            }
        };
        if timeout(limit, all).await.is_ok() {
            return Ok(());
        }
        let left: Vec<Active> = self.active.lock().values().cloned().collect();
        self.runners.shutdown().await;
        let partitions = left.iter().map(|active| active.held.partition.clone());
        let still_running = StillRunning {
            partitions: partitions.collect(),
            limit,
        };
        for active in left {
            let store = &self.worker.stores[active.store];
            if let Err(error) = store.release(&[active.held]).await {
                self.failed("give a lease back", error);
            }
        }
        self.worker.shared.holds().clear();
        Err(still_running)
    }

    fn failed(&mut self, step: &str, error: StoreError) {
        self.worker.shared.store_failed(step, &error);
        self.failure = Some(error);
    }

    fn refrains(&self) -> MutexGuard<'a, BTreeMap<Partition, Refrain>> {
        let refrains = self.worker.refrains.lock();
        refrains.unwrap_or_else(PoisonError::into_inner)
    }
}

impl ActiveLeases {
    pub(super) fn lock(&self) -> MutexGuard<'_, BTreeMap<Partition, Active>> {
        self.leases.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Active {
    fn give_back(&self) {
        self.wish.send_replace(Wish::GiveBack);
    }
}

/// Handlers that were still running when the limit of a stop was over.
#[derive(Debug)]
pub struct StillRunning {
    partitions: Vec<Partition>,
    limit: Duration,
}

impl StillRunning {
    /// Returns the partitions whose handlers were dropped.
    #[must_use]
    pub fn partitions(&self) -> &[Partition] {
        &self.partitions
    }
}

impl fmt::Display for StillRunning {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let partitions: Vec<_> = self.partitions.iter().map(ToString::to_string).collect();
        write!(
            formatter,
            "handlers were still running after {:?}, and were dropped: {}",
            self.limit,
            partitions.join(", ")
        )
    }
}

impl Error for StillRunning {}
