//! The work of one lease: a partition from its takeover to its release.

mod batch;
mod crash;
mod intake;
mod pending;
mod settle;

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{mpsc, watch};
use tokio::task::{Id, JoinError, JoinSet};
use tokio::time::{Instant, sleep_until, timeout};

use self::batch::Batch;
use self::crash::Crash;
use self::pending::Pending;
use super::attempt::{Care, Ended, Job, Outcome};
use super::lanes::Lanes;
use super::outstanding::Retries;
use super::shared::{News, Shared, Subscribed};
use super::term::Term;
use super::text::panic_text;
use crate::WhenLate;
use crate::observe::Notice;
use crate::store::{FailureKind, Lease, Needs, Partition, Place, Position, Store, StoreError};

/// Runs one partition, under one lease.
pub(super) struct Runner {
    shared: Arc<Shared>,
    store: Arc<dyn Store>,
    subscribed: Arc<Subscribed>,
    lease: Lease,
    term: Arc<Term>,
    wish: watch::Receiver<Wish>,
    hand_over: HandOver,

    /// The place up to which the log was read. It is at or behind the cursor, which is `lease.cursor`.
    read_through: Place,
    batch: Option<Batch>,
    lanes: Lanes,
    retries: Retries,
    pending: Pending,
    crash: Crash,
    is_failing: bool,
    /// The state that the store knows.
    is_told_as_failing: bool,
    /// The time at which the next retry is due, or something was heard of one.
    look_at: Option<Instant>,
    looked_at: Instant,
    /// There are retries that could not be read, or not be run: it looks again when a lane is over.
    looks_when_ended: bool,
    /// The time of the latest acknowledgement, for cursors that only move over events of others.
    acknowledged_at: Instant,
    /// The knowledge that the worker that is to take over needs.
    leaves_for: Option<Needs>,

    running: JoinSet<Ended>,
    positions: HashMap<Id, Position>,
    /// The events whose handler has outlived its timeout. What becomes of them is decided already.
    late: BTreeSet<Position>,
    late_sender: mpsc::UnboundedSender<Position>,
    late_receiver: mpsc::UnboundedReceiver<Position>,
}

/// The task of a runner.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wish {
    /// Run until the lease is lost.
    GoOn,
    /// Run until there is nothing to do now.
    UntilIdle,
    /// Start nothing, and give the lease back.
    GiveBack,
}

/// Handing the lease over to a worker that knows more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum HandOver {
    Allowed,
    /// It was tried in vain: what this worker does not know is parked.
    Tried,
}

/// The end of a runner. The lease is still to be released, unless it is lost.
#[derive(Debug)]
pub(super) enum End {
    /// It was asked to give the lease back, or it is idle.
    Done,
    HandedOver,
    Lost,
    StoreFailed(StoreError),
}

/// A reason to stop at once.
pub(super) enum Broken {
    Lost,
    Store(&'static str, StoreError),
}

/// The pause between two looks for retries that people may have made.
const LOOK: Duration = Duration::from_secs(1);

impl Runner {
    pub(super) fn new(
        shared: Arc<Shared>,
        store: Arc<dyn Store>,
        subscribed: Arc<Subscribed>,
        mut lease: Lease,
        term: Arc<Term>,
        wish: watch::Receiver<Wish>,
        hand_over: HandOver,
    ) -> Self {
        let (late_sender, late_receiver) = mpsc::unbounded_channel();
        let now = Instant::now();
        Self {
            read_through: lease.cursor,
            batch: None,
            lanes: Lanes::default(),
            retries: Retries::of(std::mem::take(&mut lease.outstanding)),
            pending: Pending::default(),
            crash: Crash::after(&lease),
            is_failing: false,
            is_told_as_failing: false,
            look_at: Some(now),
            looked_at: now,
            looks_when_ended: false,
            acknowledged_at: now,
            leaves_for: None,
            running: JoinSet::new(),
            positions: HashMap::new(),
            late: BTreeSet::new(),
            late_sender,
            late_receiver,
            shared,
            store,
            subscribed,
            lease,
            term,
            wish,
            hand_over,
        }
    }

    /// Runs until the lease is to be released, or is lost.
    pub(super) async fn run(mut self) -> End {
        self.tell_of_the_takeover();
        let end = match self.run_on().await {
            Ok(end) => end,
            Err(Broken::Lost) => {
                let partition = self.partition();
                self.shared.notice(&Notice::LeaseLost { partition });
                End::Lost
            }
            Err(Broken::Store(step, error)) => {
                self.shared.store_failed(step, &error);
                End::StoreFailed(error)
            }
        };
        self.drop_what_runs().await;
        end
    }

    async fn run_on(&mut self) -> Result<End, Broken> {
        let mut news = self.shared.news.subscribe();
        let mut peers = self.shared.peers.subscribe();
        self.wake_parked();
        loop {
            if self.term.is_over() {
                return Err(Broken::Lost);
            }
            let wish = *self.wish.borrow_and_update();
            let current = *news.borrow_and_update();
            peers.borrow_and_update();
            self.look_for_a_better_worker();
            let is_leaving = wish == Wish::GiveBack || self.leaves_for.is_some();
            if is_leaving {
                self.start_nothing_more();
            } else {
                self.read_retries().await?;
                self.read_log(current).await?;
                self.start();
            }
            self.spill_what_is_slow();
            if self.has_to_acknowledge() || (is_leaving && !self.pending.is_empty()) {
                self.acknowledge().await?;
                continue;
            }
            if let Some(end) = self.end_now(wish, current).await? {
                return Ok(end);
            }
            let wakes_at = self.wakes_at();
            tokio::select! {
                Some(ended) = self.running.join_next_with_id() => self.ended(ended).await?,
                Some(position) = self.late_receiver.recv() => self.outlived(position).await,
                () = sleep_until(wakes_at) => {}
                _ = news.changed() => self.hear(&news, current),
                _ = self.wish.changed() => {}
                _ = peers.changed() => {}
                () = self.term.lost() => {}
            }
        }
    }

    /// Returns the end, if this is it.
    async fn end_now(&mut self, wish: Wish, news: News) -> Result<Option<End>, Broken> {
        if self.lanes.running_count() > 0 {
            return Ok(None);
        }
        let is_leaving = wish == Wish::GiveBack || self.leaves_for.is_some();
        let is_idle = wish == Wish::UntilIdle && self.is_idle(news);
        if !is_leaving && !is_idle {
            return Ok(None);
        }
        if !self.pending.is_empty() || self.progress() != self.lease.cursor {
            self.acknowledge().await?;
        }
        let Some(needs) = &self.leaves_for else {
            return Ok(Some(End::Done));
        };
        let partition = self.partition();
        self.shared.notice(&Notice::HandedOver { partition, needs });
        Ok(Some(End::HandedOver))
    }

    fn is_idle(&self, news: News) -> bool {
        let has_read = self.is_failing || self.read_through.position >= news.end.position;
        let is_looking = self
            .look_at
            .is_some_and(|look_at| look_at <= Instant::now());
        let is_looking = is_looking || self.looks_when_ended;
        self.batch.is_none() && self.lanes.is_empty() && has_read && !is_looking
    }

    fn start(&mut self) {
        while self.lanes.running_count() < self.subscribed.policy.concurrency
            && !self.term.is_over()
            && let Some(work) = self.lanes.start()
        {
            let position = work.position;
            let job = Job {
                shared: self.shared.clone(),
                store: self.store.clone(),
                subscribed: self.subscribed.clone(),
                held: self.lease.held.clone(),
                term: self.term.clone(),
                is_replay: self.lease.replayed_through >= Some(position),
                care: self.care_for(position),
                late: self.late_sender.clone(),
                work,
            };
            let task = self.running.spawn(job.run());
            self.positions.insert(task.id(), position);
        }
    }

    fn care_for(&self, position: Position) -> Care {
        let care = self.crash.care_for(position);
        #[cfg(any(test, feature = "crash"))]
        if self.shared.sabotage == super::Sabotage::BlameTheNeighbour && care == Care::Alone {
            return Care::Noted;
        }
        care
    }

    async fn ended(&mut self, ended: Result<(Id, Ended), JoinError>) -> Result<(), Broken> {
        let id = match &ended {
            Ok((id, _)) => *id,
            Err(error) => error.id(),
        };
        let Some(position) = self.positions.remove(&id) else {
            return Ok(());
        };
        let ended = match ended {
            Ok((_, ended)) => ended,
            Err(error) => Ended {
                position,
                outcome: Outcome::failed(FailureKind::Panicked, text_of_join(error)),
                alone: None,
            },
        };
        self.settle(ended).await
    }

    /// Ends what is running without waiting for it, except for what nothing can end: that keeps its partition from
    /// being taken by this worker again, for a while.
    async fn drop_what_runs(&mut self) {
        match self.subscribed.subscription.handler.when_late() {
            WhenLate::Drop => self.running.shutdown().await,
            WhenLate::Wait => {
                let all = async { while self.running.join_next().await.is_some() {} };
                // What has not ended by then runs beside its successor.
                let _ = timeout(self.shared.options.lease, all).await;
            }
        }
    }

    fn hear(&mut self, news: &watch::Receiver<News>, before: News) {
        if news.borrow().rung != before.rung {
            // A person may have asked for a retry. A busy bell does not make a look each time.
            let soon = self.looked_at + Duration::from_millis(100);
            let soon = soon.max(Instant::now());
            self.look_at = Some(self.look_at.map_or(soon, |look_at| look_at.min(soon)));
        }
    }

    fn wakes_at(&self) -> Instant {
        let now = Instant::now();
        let deadline = self.batch.as_ref().map(|batch| batch.deadline);
        let deadline = deadline.filter(|deadline| *deadline > now);
        let cursor = (self.progress() != self.lease.cursor).then_some(self.acknowledged_at + LOOK);
        let wakes_at = [Some(self.looks_at()), deadline, cursor]
            .into_iter()
            .flatten()
            .min();
        // A pause of zero would spin where something can only go on when a handler ends.
        wakes_at.unwrap_or(now).max(now + Duration::from_millis(1))
    }

    /// The time of the next look at retries. A person in another process, whose bell is not heard here, may have asked
    /// for one, however long the others wait.
    fn looks_at(&self) -> Instant {
        let look = self.looked_at + LOOK;
        self.look_at.map_or(look, |look_at| look_at.min(look))
    }

    fn partition(&self) -> &Partition {
        &self.lease.held.partition
    }
}

fn text_of_join(error: JoinError) -> String {
    match error.try_into_panic() {
        Ok(payload) => panic_text(&*payload),
        Err(error) => error.to_string(),
    }
}
