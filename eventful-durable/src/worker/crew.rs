//! The partitions that a worker runs.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::{Id, JoinSet};
use tokio::time::{Instant, timeout};

use super::Worker;
use super::runner::{End, HandOver, Runner, Wish};
use super::share::Share;
use super::shared::Subscribed;
use super::still_running::StillRunning;
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
    /// The time at which a partition was first seen free that this worker has left to others.
    free_since: BTreeMap<Partition, Instant>,
    gave_back_at: Option<Instant>,
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
    runner: Id,
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
            free_since: BTreeMap::new(),
            gave_back_at: None,
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
        let counts = mine
            .iter()
            .map(|(state, _)| (state.id.as_str(), state.partitions.len()));
        let counts: BTreeMap<_, _> = counts.collect();
        for (state, subscribed) in mine {
            for partition in &state.partitions {
                let active = self.active.lock().get(&partition.partition).cloned();
                match active {
                    Some(active) if state.paused => active.give_back(),
                    None if self.may_take(state, partition, subscribed, &counts) => {
                        self.take(index, store, partition, subscribed).await;
                    }
                    Some(_) | None => {}
                }
            }
        }
        self.give_surplus_back(&counts);
    }

    fn may_take(
        &mut self,
        state: &SubscriptionState,
        partition: &PartitionState,
        subscribed: &Subscribed,
        counts: &BTreeMap<&str, usize>,
    ) -> bool {
        let is_free = partition.leased_for.is_none() && !state.paused;
        let refrain = self.refrains().get(&partition.partition).copied();
        let refrains = refrain.is_some_and(|refrain| refrain.until > Instant::now());
        if !is_free || refrains {
            self.free_since.remove(&partition.partition);
            return false;
        }
        self.has_room(&partition.partition, counts) && !self.is_better_left(state, subscribed)
    }

    /// A worker takes its fair share, and what nobody else has taken for a while.
    fn has_room(&mut self, partition: &Partition, counts: &BTreeMap<&str, usize>) -> bool {
        let lease = self.worker.shared.options.lease;
        let since = self
            .free_since
            .entry(partition.clone())
            .or_insert_with(Instant::now);
        let is_left_over = since.elapsed() >= lease;
        let has_room = |share: &Share<'_>| share.has_room_for(&partition.subscription);
        is_left_over || self.wish == Wish::UntilIdle || self.with_share(counts, has_room)
    }

    fn with_share<T>(
        &self,
        counts: &BTreeMap<&str, usize>,
        ask: impl FnOnce(&Share<'_>) -> T,
    ) -> T {
        let held: Vec<_> = self.active.lock().keys().cloned().collect();
        let peers = self.worker.shared.peers.borrow();
        ask(&Share {
            mine: counts.clone(),
            held: &held,
            peers: &peers,
        })
    }

    /// Gives one partition back if another worker has less than its share. Not often: it may not take it.
    fn give_surplus_back(&mut self, counts: &BTreeMap<&str, usize>) {
        let lease = self.worker.shared.options.lease;
        let is_soon = self.gave_back_at.is_some_and(|at| at.elapsed() < lease);
        if self.wish != Wish::GoOn || is_soon {
            return;
        }
        let surplus = self.with_share(counts, |share| share.surplus().cloned());
        if let Some(active) = surplus.and_then(|it| self.active.lock().get(&it).cloned()) {
            self.gave_back_at = Some(Instant::now());
            active.give_back();
        }
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
        let runner = Runner::new(
            shared.clone(),
            store.clone(),
            subscribed.clone(),
            lease,
            term.clone(),
            wished,
            hand_over,
        );
        shared.holds().push(partition.clone());
        let run = {
            let partition = partition.clone();
            async move {
                let end = runner.run().await;
                Ended { partition, end }
            }
        };
        let active = Active {
            held,
            term,
            store: index,
            wish,
            runner: self.runners.spawn(run).id(),
        };
        self.active.lock().insert(partition, active);
    }

    /// Waits for a runner to end. `None` if there is none.
    pub(super) async fn next_end(&mut self) -> Option<Ended> {
        loop {
            match self.runners.join_next().await? {
                Ok(ended) => return Some(ended),
                Err(error) => {
                    tracing::error!(%error, "a runner has panicked: its lease runs out");
                    self.let_run_out(error.id());
                }
            }
        }
    }

    /// Renews the lease of a runner no longer that has ended in the middle of something.
    fn let_run_out(&self, runner: Id) {
        let mut active = self.active.lock();
        active.retain(|_, active| active.runner != runner);
        let mut holds = self.worker.shared.holds();
        holds.retain(|partition| active.contains_key(partition));
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
        let still_running = StillRunning::new(partitions.collect(), limit);
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
