//! The controller: it starts the processes of a run, and disturbs them.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::task::JoinSet;

use super::child::{DRAINER, LONG_PUBLISHER};
use super::ledger::{append_line, transactions};
use super::processes::{End, Process, Start, Starter};
use super::random::Random;
use super::run::{Length, PATIENCE};
use super::worker::{LEASE, STEPS};
use super::{Role, Subject, publisher};
use crate::store::{Change, Store, StoreError};

/// The share of disturbances that stop a process rather than kill it.
const STOPS_PERCENT: u64 = 12;
/// The share of starts with a failpoint.
const FAILPOINTS_PERCENT: u64 = 60;
/// The pause between two lines about a run.
const PROGRESS: Duration = Duration::from_secs(10);

/// The counts of a controller.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Counts {
    pub(super) kills: u64,
    pub(super) stops: u64,
    pub(super) aborts: u64,
}

/// The failpoints of the roles.
struct Failpoints {
    opener: Vec<String>,
    publisher: Vec<String>,
    worker: Vec<String>,
}

pub(super) struct Controller {
    starter: Starter,
    random: Random,
    processes: Vec<(Role, Process)>,
    /// The publisher whose transactions stay open for long. Nobody disturbs it.
    long_publisher: Option<Process>,
    splits: Splits,
    failpoints: Failpoints,
    counts: Counts,
}

/// The splits of subscriptions while the run goes on.
#[derive(Default)]
struct Splits {
    /// The progress of the run at which each is made, in thousandths.
    planned: Vec<(u64, Split)>,
    running: JoinSet<Result<(), StoreError>>,
}

/// A split of one subscription.
pub(super) struct Split {
    pub(super) store: Arc<dyn Store>,
    pub(super) subscription: &'static str,
    pub(super) parts: u32,
}

impl Split {
    pub(super) async fn make(self) -> Result<(), StoreError> {
        let change = Change::Split(self.parts);
        self.store.change(self.subscription, &change).await
    }
}

impl Controller {
    pub(super) fn new<S: Subject>(starter: Starter, seed: u64) -> Self {
        Self {
            starter,
            random: Random::new(seed),
            processes: Vec::new(),
            long_publisher: None,
            splits: Splits::default(),
            failpoints: Failpoints::of::<S>(),
            counts: Counts::default(),
        }
    }

    /// Opens the database, in children that abort at each of the failpoints, and at last in one that does not.
    pub(super) async fn open(&mut self) {
        let points = self.failpoints.opener.clone();
        for point in points.iter().map(Some).chain([None]) {
            let start = Start {
                role: Role::Opener.name(),
                seed: self.random.next(),
                failpoint: point.map(|point| (point.as_str(), 1)),
            };
            let end = self.starter.start(start).end_within(PATIENCE).await;
            match end {
                Some(End::Done) => {}
                Some(End::Aborted) if point.is_some() => self.counts.aborts += 1,
                _ => self.failed(&format!("the opener ends with {end:?} at {point:?}")),
            }
        }
    }

    pub(super) fn start(&mut self, role: Role, count: usize) {
        for _ in 0..count {
            let process = self.start_one(role);
            self.processes.push((role, process));
        }
    }

    pub(super) fn start_long_publisher(&mut self) {
        let start = Start {
            role: LONG_PUBLISHER,
            seed: self.random.next(),
            failpoint: None,
        };
        self.long_publisher = Some(self.starter.start(start));
    }

    /// Has a split made at a random moment.
    pub(super) fn plan(&mut self, split: Split) {
        let progress = 200 + self.random.below(500);
        self.splits.planned.push((progress, split));
    }

    fn start_one(&self, role: Role) -> Process {
        // A publisher passes its points more often than a worker.
        let (points, passages) = match role {
            Role::Opener => (&self.failpoints.opener, 1),
            Role::Publisher => (&self.failpoints.publisher, 60),
            Role::Worker => (&self.failpoints.worker, 3),
        };
        let point = self.random.choose(points);
        let point = point.filter(|_| self.random.percent(FAILPOINTS_PERCENT));
        self.starter.start(Start {
            role: role.name(),
            seed: self.random.next(),
            failpoint: point.map(|point| (point.as_str(), 1 + self.random.below(passages))),
        })
    }

    /// Kills, stops, and starts again, and returns the time that it took. All processes are dead then.
    pub(super) async fn disturb(
        &mut self,
        length: Length,
        (shortest, longest): (Duration, Duration),
    ) -> (Counts, Duration) {
        let began = Instant::now();
        let mut next = began + longest;
        let mut told = PROGRESS;
        let mut committed = (0, began);
        loop {
            tokio::time::sleep(Duration::from_millis(10)).await;
            let transactions = transactions(&self.starter.directory);
            let progress = length.progress(began.elapsed(), transactions);
            if progress >= 1_000 {
                break;
            }
            if transactions > committed.0 {
                committed = (transactions, Instant::now());
            } else if committed.1.elapsed() > PATIENCE {
                self.failed("publishers stand still");
                break;
            }
            self.splits.begin(progress);
            self.look_after_all();
            if Instant::now() >= next {
                self.disturb_one();
                next = Instant::now() + self.random.between(shortest, longest);
            }
            if began.elapsed() >= told {
                self.tell(told, transactions);
                told += PROGRESS;
            }
        }
        self.processes.clear();
        self.long_publisher = None;
        while let Some(split) = self.splits.running.join_next().await {
            if let Err(error) = split.expect("a split does not panic") {
                self.failed(&format!("a split fails: {error:?}"));
            }
        }
        (self.counts, began.elapsed())
    }

    fn tell(&self, after: Duration, transactions: u64) {
        let size = self.size_of_the_ledger() / 1024;
        let Counts {
            kills,
            stops,
            aborts,
        } = self.counts;
        println!(
            "{after:?}: {transactions} transactions, {kills} kills, {stops} stops, {aborts} aborts, a ledger of {size} KiB"
        );
    }

    fn disturb_one(&mut self) {
        let index = self.random.index(self.processes.len());
        let stops = self.random.percent(STOPS_PERCENT);
        let time = LEASE + self.random.between(LEASE / 4, LEASE * 3 / 2);
        let Some((role, process)) = self.processes.get_mut(index) else {
            return;
        };
        let role = *role;
        if process.is_stopped() {
            return;
        }
        if stops && process.end().is_none() {
            process.stop(time);
            self.counts.stops += 1;
        } else if process.kill() {
            self.counts.kills += 1;
            self.processes[index].1 = self.start_one(role);
        }
    }

    /// Starts again what has aborted, and lets go on what was stopped for long enough.
    fn look_after_all(&mut self) {
        for index in 0..self.processes.len() {
            let (role, process) = &mut self.processes[index];
            let role = *role;
            process.go_on_if_due();
            match process.end() {
                None => continue,
                Some(End::Aborted) => self.counts.aborts += 1,
                Some(end) => self.failed(&format!("a {} ends by itself: {end:?}", role.name())),
            }
            self.processes[index].1 = self.start_one(role);
        }
        if let Some(end) = self.long_publisher.as_mut().and_then(Process::end) {
            self.failed(&format!("a {LONG_PUBLISHER} ends by itself: {end:?}"));
            self.start_long_publisher();
        }
    }

    /// Handles what is left: on a busy machine, much of what was published while workers died.
    ///
    /// It takes as long as it needs while events are handled, up to ten times `patience`.
    pub(super) async fn drain(&mut self, patience: Duration) {
        // Workers that were killed are announced for a while, and another one leaves them their share.
        tokio::time::sleep(2 * LEASE).await;
        let start = Start {
            role: DRAINER,
            seed: self.random.next(),
            failpoint: None,
        };
        let mut drainer = self.starter.start(start);
        let mut handled = 0;
        for _ in 0..10 {
            let end = drainer.end_within(patience).await;
            let before = std::mem::replace(&mut handled, self.size_of_the_ledger());
            match end {
                Some(End::Done) => return,
                None if handled > before => {}
                end => {
                    self.failed(&format!("the store is not drained: {end:?}"));
                    return;
                }
            }
        }
        self.failed("the store is not drained, and events are handled again and again");
    }

    fn size_of_the_ledger(&self) -> u64 {
        let ledger = std::fs::metadata(self.starter.directory.join("ledger"));
        ledger.map_or(0, |ledger| ledger.len())
    }

    fn failed(&self, text: &str) {
        append_line(
            &self.starter.directory.join("errors"),
            &format!("child {text}"),
        );
    }
}

impl Splits {
    /// Begins what is due. A process that is stopped may keep it waiting, so nobody waits for it here.
    fn begin(&mut self, progress: u64) {
        let is_due = |(planned, _): &mut (u64, Split)| *planned <= progress;
        for (_, split) in self.planned.extract_if(.., is_due) {
            self.running.spawn(split.make());
        }
    }
}

impl Failpoints {
    fn of<S: Subject>() -> Self {
        let of_store = |role| S::failpoints(role).iter().map(ToString::to_string);
        let publisher = publisher::FAILPOINTS.iter().map(ToString::to_string);
        let around = |step: &&str| [format!("before {step}"), format!("after {step}")];
        Self {
            opener: of_store(Role::Opener).collect(),
            publisher: publisher.chain(of_store(Role::Publisher)).collect(),
            worker: STEPS
                .iter()
                .flat_map(around)
                .chain(of_store(Role::Worker))
                .collect(),
        }
    }
}
