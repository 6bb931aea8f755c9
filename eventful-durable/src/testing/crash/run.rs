//! Runs, and their options.

use std::fmt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use uuid::Uuid;

use super::broken::Broken;
use super::controller::{Controller, Counts, Split};
use super::ledger::{self, lines_of, transactions};
use super::load::Load;
use super::processes::Starter;
use super::report::Report;
use super::worker::{LEASE, Recorder};
use super::{Place, Role, Subject, Table, environment, judge};
use crate::store::{Acquire, DeadFilter, Store, Token};

/// A run of the harness. Each run has a database of its own.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
///
/// use eventful_durable::testing::crash;
///
/// let run = crash::Run::new(crash::test("tests::child"));
/// let run = run.seconds(Duration::from_secs(1800));
/// // `run.run::<MyDatabase>().await`
/// # drop(run);
/// ```
#[must_use = "it runs when `run` is awaited"]
pub struct Run {
    command: Box<dyn Fn() -> Command + Send>,
    length: Length,
    seed: u64,
    broken: Vec<Broken>,
    publishers: usize,
    workers: usize,
    pause: (Duration, Duration),
    load: Load,
    partitions: Partitions,
}

/// The end of a run.
#[derive(Clone, Copy, Debug)]
pub(super) enum Length {
    Time(Duration),
    Transactions(u64),
}

/// The partitions of each subscription.
#[derive(Clone, Copy, Debug)]
enum Partitions {
    FromTheStart(u32),
    /// One, which is split while the run goes on.
    Later(u32),
}

/// The longest time that is waited for a child that is to end by itself.
pub(super) const PATIENCE: Duration = Duration::from_secs(120);

impl Run {
    /// Makes a run whose children are started with `command`: see [`test`](super::test). Their standard input and
    /// output are the harness's.
    ///
    /// # Panics
    ///
    /// If `EVENTFUL_CRASH_SECONDS` or `EVENTFUL_CRASH_SEED` is no number.
    pub fn new(command: impl Fn() -> Command + Send + 'static) -> Self {
        Self {
            command: Box::new(command),
            length: Length::Time(environment::seconds().unwrap_or(Duration::from_secs(5))),
            seed: environment::seed().unwrap_or_else(|| u64::from(Uuid::new_v4().as_fields().0)),
            broken: Vec::new(),
            publishers: 2,
            workers: 2,
            pause: (Duration::from_millis(50), Duration::from_millis(500)),
            load: Load::default(),
            partitions: Partitions::FromTheStart(1),
        }
    }

    /// Sets the time for which processes are killed.
    pub fn seconds(mut self, time: Duration) -> Self {
        self.length = Length::Time(time);
        self
    }

    /// Sets the number of transactions that are committed while processes are killed, however long that takes.
    pub fn transactions(mut self, transactions: u64) -> Self {
        self.length = Length::Transactions(transactions);
        self
    }

    /// Sets the seed of the random numbers.
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// Sets the number of publishers and of workers. The default is 2 of each.
    pub fn processes(mut self, publishers: usize, workers: usize) -> Self {
        self.publishers = publishers;
        self.workers = workers;
        self
    }

    /// Sets the shortest and the longest pause between two disturbances. The default is 50 and 500 milliseconds. A
    /// lease is one second, so with short pauses few leases are lost by a worker that lives.
    pub fn pause(mut self, shortest: Duration, longest: Duration) -> Self {
        self.pause = (shortest, longest.max(shortest));
        self
    }

    /// Sets the number of connections on which each publisher has transactions open at once. The default is 1: a
    /// database with one writer at a time has no use for more.
    pub fn connections(mut self, connections: usize) -> Self {
        self.load.connections = connections;
        self
    }

    /// Sets the number of keys. The default is 12.
    pub fn keys(mut self, keys: u64) -> Self {
        self.load.keys = keys;
        self
    }

    /// Has publishers sleep before and after each append, for up to this time.
    pub fn sleep(mut self, longest: Duration) -> Self {
        self.load.sleep = longest;
        self
    }

    /// Has half of the transactions publish an event without a key before they lock their key: the database gives them
    /// ids in another order than that of their commits.
    pub fn early_writes(mut self) -> Self {
        self.load.early_percent = 50;
        self
    }

    /// Adds a publisher with one connection, whose transactions stay open for this time. Nobody kills it.
    pub fn long_transaction(mut self, time: Duration) -> Self {
        self.load.long_transaction = Some(time);
        self
    }

    /// Has so many of a hundred attempts of every subscription fail. Those of `crash.flaky` fail in any case.
    pub fn failing(mut self, percent: u64) -> Self {
        self.load.failing_percent = percent;
        self
    }

    /// Has each attempt take up to this time. The default is 4 milliseconds for a fifth of them.
    pub fn slow_handlers(mut self, longest: Duration) -> Self {
        self.load.handling = longest;
        self.load.slow_percent = 100;
        self
    }

    /// Sets the number of partitions of each subscription. The default is 1.
    pub fn partitions(mut self, partitions: u32) -> Self {
        self.partitions = Partitions::FromTheStart(partitions);
        self
    }

    /// Splits the one partition of each subscription into so many, at a random moment of the run.
    pub fn split(mut self, parts: u32) -> Self {
        self.partitions = Partitions::Later(parts);
        self
    }

    /// Breaks something on purpose. A run may have several faults.
    pub fn broken(mut self, broken: Broken) -> Self {
        self.broken.push(broken);
        self
    }

    /// Runs it: it kills until the run is long enough, drains the store, and judges. The directory of a run that has
    /// found something stays, and the report names it.
    ///
    /// # Panics
    ///
    /// If the database of the run cannot be opened or read.
    pub async fn run<S: Subject>(self) -> Report {
        let (length, seed, pause) = (self.length, self.seed, self.pause);
        let (publishers, workers, partitions) = (self.publishers, self.workers, self.partitions);
        let has_long_transactions = self.load.long_transaction.is_some();
        println!("crash run with seed {seed}, {length:?}");
        let directory = new_directory();
        let mut controller = Controller::new::<S>(self.starter(directory.clone()), seed);
        controller.open().await;
        match partitions {
            Partitions::FromTheStart(1) => {}
            Partitions::FromTheStart(parts) => {
                for split in splits::<S>(&directory, parts).await {
                    split.make().await.expect("it can be split");
                }
            }
            Partitions::Later(parts) => {
                for split in splits::<S>(&directory, parts).await {
                    controller.plan(split);
                }
            }
        }
        if has_long_transactions {
            controller.start_long_publisher();
        }
        controller.start(Role::Publisher, publishers);
        controller.start(Role::Worker, workers);
        let (counts, took) = controller.disturb(length, pause).await;
        controller.drain(PATIENCE.max(took)).await;
        let mut report = judge::<S>(&directory, counts).await;
        report.seed = seed;
        if report.is_sound() {
            // The next run has another one, whether it could be removed or not.
            let _ = std::fs::remove_dir_all(&directory);
        }
        report
    }

    pub(super) fn starter(self, directory: PathBuf) -> Starter {
        let broken: Vec<_> = self.broken.into_iter().map(Broken::name).collect();
        Starter {
            command: self.command,
            directory,
            broken: broken.join(","),
            load: self.load.to_text(),
        }
    }
}

impl Length {
    /// The part that is over, in thousandths.
    pub(super) fn progress(self, took: Duration, transactions: u64) -> u64 {
        match self {
            Self::Time(time) => {
                let permille = took.as_millis() * 1_000 / time.as_millis().max(1);
                u64::try_from(permille).unwrap_or(u64::MAX)
            }
            Self::Transactions(wanted) => transactions * 1_000 / wanted.max(1),
        }
    }
}

/// A split of each subscription.
async fn splits<S: Subject>(directory: &Path, parts: u32) -> Vec<Split> {
    let subject = S::open(&Place::new(directory)).await;
    let store = Arc::new(subject.expect("the database can be opened").store());
    let split = |recorder: Recorder| Split {
        store: store.clone(),
        subscription: recorder.id(),
        parts,
    };
    Recorder::all(&*store).into_iter().map(split).collect()
}

/// Makes the directory of a run.
pub(super) fn new_directory() -> PathBuf {
    let name = format!("eventful_crash_{}", Uuid::new_v4().simple());
    let directory = std::env::temp_dir().join(name);
    std::fs::create_dir(&directory).expect("a directory can be made in that for temporary files");
    directory
}

async fn judge<S: Subject>(directory: &Path, counts: Counts) -> Report {
    let subject = S::open(&Place::new(directory))
        .await
        .expect("the database can be opened");
    let store = subject.store();
    let dead = store.dead_letters(&DeadFilter::default()).await;
    let recorders = Recorder::all(&store);
    let evidence = judge::Evidence {
        subscriptions: recorders.iter().map(|it| it.id()).collect(),
        committed: subject.read(Table::Business).await.expect("it can be read"),
        effects: if recorders.contains(&Recorder::Effects) {
            Some(subject.read(Table::Effects).await.expect("it can be read"))
        } else {
            None
        },
        dead: dead.expect("the dead letters can be read"),
        errors: lines_of(&directory.join("errors")),
        failpoints: lines_of(&directory.join("failpoints")),
        left_over: left_over(&store).await,
        damage: subject.check().await.err().map(|error| error.to_string()),
        transactions: transactions(directory),
        counts,
    };
    let mut report = evidence.judge(ledger::read(directory));
    directory.clone_into(&mut report.directory);
    report
}

/// Counts the exceptions that are left of a store that was drained.
async fn left_over(store: &impl Store) -> usize {
    let mut left_over = 0;
    let states = store.subscriptions().await.expect("the store can be read");
    for state in states.into_iter().flat_map(|state| state.partitions) {
        let acquire = Acquire {
            partition: state.partition,
            token: Token::fresh(),
            worker: Uuid::new_v4(),
            ttl: LEASE,
        };
        // It is held if the store was not drained, which is a fault of its own.
        let lease = store.acquire(&acquire).await.expect("the store works");
        if let Some(lease) = lease {
            left_over += lease.suspects.len() + lease.done.len() + lease.outstanding.len();
        }
    }
    left_over
}

impl fmt::Debug for Run {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Run")
            .field("length", &self.length)
            .field("seed", &self.seed)
            .field("broken", &self.broken)
            .finish_non_exhaustive()
    }
}
