//! The controller.

use std::fmt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use uuid::Uuid;

use super::broken::Broken;
use super::child::DRAINER;
use super::ledger::{self, append_line, lines_of};
use super::processes::{End, Process, Start, Starter};
use super::random::Random;
use super::report::Report;
use super::worker::{LEASE, Recorder, STEPS};
use super::{Place, Role, Subject, Table, environment, judge, publisher};
use crate::store::{Acquire, DeadFilter, Partition, Store, Token};

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
    time: Duration,
    seed: u64,
    broken: Option<Broken>,
    publishers: usize,
    workers: usize,
    pause: (Duration, Duration),
}

/// The longest time that is waited for a child that is to end by itself.
pub(super) const PATIENCE: Duration = Duration::from_secs(120);
/// The share of disturbances that stop a process rather than kill it.
const STOPS_PERCENT: u64 = 12;
/// The share of starts with a failpoint.
const FAILPOINTS_PERCENT: u64 = 60;
/// The pause between two lines about a run.
const PROGRESS: Duration = Duration::from_secs(10);

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
            time: environment::seconds().unwrap_or(Duration::from_secs(5)),
            seed: environment::seed().unwrap_or_else(|| u64::from(Uuid::new_v4().as_fields().0)),
            broken: None,
            publishers: 2,
            workers: 2,
            pause: (Duration::from_millis(50), Duration::from_millis(500)),
        }
    }

    /// Sets the time for which processes are killed.
    pub fn seconds(mut self, time: Duration) -> Self {
        self.time = time;
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

    /// Breaks something on purpose.
    pub fn broken(mut self, broken: Broken) -> Self {
        self.broken = Some(broken);
        self
    }

    /// Runs it: it kills for the time of the run, drains the store, and judges. The directory of a run that has found
    /// something stays, and the report names it.
    ///
    /// # Panics
    ///
    /// If the database of the run cannot be opened or read.
    pub async fn run<S: Subject>(self) -> Report {
        println!("crash run with seed {}, {:?}", self.seed, self.time);
        let directory = new_directory();
        let random = Random::new(self.seed);
        let (time, seed) = (self.time, self.seed);
        let (publishers, workers) = (self.publishers, self.workers);
        let pause = self.pause;
        let mut controller = Controller {
            starter: self.starter(directory.clone()),
            random,
            processes: Vec::new(),
            failpoints: Failpoints::of::<S>(),
            counts: Counts::default(),
        };
        controller.open().await;
        controller.start(Role::Publisher, publishers);
        controller.start(Role::Worker, workers);
        controller.disturb(time, pause).await;
        controller.processes.clear();
        controller.drain(PATIENCE + time).await;
        let mut report = judge::<S>(&directory, controller.counts).await;
        report.seed = seed;
        if report.is_sound() {
            // The next run has another one, whether it could be removed or not.
            let _ = std::fs::remove_dir_all(&directory);
        }
        report
    }

    pub(super) fn starter(self, directory: PathBuf) -> Starter {
        Starter {
            command: self.command,
            directory,
            broken: self.broken.map(Broken::name),
        }
    }
}

/// Makes the directory of a run.
pub(super) fn new_directory() -> PathBuf {
    let name = format!("eventful_crash_{}", Uuid::new_v4().simple());
    let directory = std::env::temp_dir().join(name);
    std::fs::create_dir(&directory).expect("a directory can be made in that for temporary files");
    directory
}

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

struct Controller {
    starter: Starter,
    random: Random,
    processes: Vec<(Role, Process)>,
    failpoints: Failpoints,
    counts: Counts,
}

impl Controller {
    /// Opens the database, in children that abort at each of the failpoints, and at last in one that does not.
    async fn open(&mut self) {
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

    fn start(&mut self, role: Role, count: usize) {
        for _ in 0..count {
            let process = self.start_one(role);
            self.processes.push((role, process));
        }
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

    /// Kills, stops, and starts again.
    async fn disturb(&mut self, time: Duration, (shortest, longest): (Duration, Duration)) {
        let began = Instant::now();
        let mut next = began + longest;
        let mut told = PROGRESS;
        while began.elapsed() < time {
            tokio::time::sleep(Duration::from_millis(10)).await;
            self.look_after_all();
            if Instant::now() >= next {
                self.disturb_one();
                next = Instant::now() + self.random.between(shortest, longest);
            }
            if began.elapsed() >= told {
                self.tell(told);
                told += PROGRESS;
            }
        }
    }

    fn tell(&self, after: Duration) {
        let ledger = std::fs::metadata(self.starter.directory.join("ledger"));
        let size = ledger.map_or(0, |ledger| ledger.len()) / 1024;
        let Counts {
            kills,
            stops,
            aborts,
        } = self.counts;
        println!(
            "{after:?}: {kills} kills, {stops} stops, {aborts} aborts, a ledger of {size} KiB"
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
    }

    /// Handles what is left: on a busy machine, much of what was published while workers died.
    async fn drain(&mut self, patience: Duration) {
        let start = Start {
            role: DRAINER,
            seed: self.random.next(),
            failpoint: None,
        };
        let end = self.starter.start(start).end_within(patience).await;
        if end != Some(End::Done) {
            self.failed(&format!("the store is not drained: {end:?}"));
        }
    }

    fn failed(&self, text: &str) {
        append_line(
            &self.starter.directory.join("errors"),
            &format!("child {text}"),
        );
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

async fn judge<S: Subject>(directory: &Path, counts: Counts) -> Report {
    let place = Place {
        directory: directory.to_owned(),
    };
    let subject = S::open(&place).await.expect("the database can be opened");
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
        left_over: left_over(&store, &recorders).await,
        damage: subject.check().await.err().map(|error| error.to_string()),
        counts,
    };
    let mut report = evidence.judge(ledger::read(directory));
    directory.clone_into(&mut report.directory);
    report
}

/// Counts the exceptions that are left of a store that was drained.
async fn left_over(store: &impl Store, recorders: &[Recorder]) -> usize {
    let mut left_over = 0;
    for recorder in recorders {
        let acquire = Acquire {
            partition: Partition::first_of(recorder.id()),
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
            .field("time", &self.time)
            .field("seed", &self.seed)
            .field("broken", &self.broken)
            .finish_non_exhaustive()
    }
}
