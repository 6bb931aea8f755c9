//! A child that handles.

use std::any::{Any, TypeId};
use std::collections::BTreeMap;
use std::marker::PhantomData;
use std::sync::Arc;
use std::time::Duration;

use super::broken::Broken;
use super::failpoint;
use super::ledger::{Kind, Ledger};
use super::load::Load;
use super::publisher::EVENT;
use super::random::Random;
use super::{Place, Row, Subject, Table};
use crate::store::Store;
use crate::testing::{Fault, FaultyStore, Step};
use crate::{
    Attempt, BoxFuture, Envelope, Handle, Handled, HandlerError, Lends, NotHandled, RetryPolicy,
    Settings, StartsFrom, Subscription, Worker, WorkerBuilder,
};

/// The lease of workers.
pub(super) const LEASE: Duration = Duration::from_secs(1);
/// The most events that a worker reads at once.
pub(super) const BATCH: usize = 50;
/// The share of the attempts of `crash.flaky` that fail.
const FLAKY_PERCENT: u64 = 20;
/// The error of an attempt that fails on purpose.
const NO_LUCK: &str = "no luck";
/// The time for which the log is kept.
const RETENTION: Duration = Duration::from_millis(300);

/// The steps of a store around which a worker may abort.
pub(super) const STEPS: [&str; 7] = [
    "acquire",
    "acknowledge",
    "begin",
    "due",
    "release",
    "renew",
    "trim",
];

/// A subscription of the harness.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Recorder {
    Plain,
    Flaky,
    Effects,
}

impl Recorder {
    pub(super) fn id(self) -> &'static str {
        match self {
            Self::Plain => "crash.plain",
            Self::Flaky => "crash.flaky",
            Self::Effects => "crash.effects",
        }
    }

    /// The subscriptions that a store can have.
    pub(super) fn all(store: &impl Store) -> Vec<Self> {
        let mut all = vec![Self::Plain, Self::Flaky];
        all.extend(store.facts().lends.map(|_| Self::Effects));
        all
    }
}

pub(super) async fn run<S: Subject>(subject: &S, place: &Place, random: Random) {
    let ledger = Ledger::open(place.directory());
    let trimmed_by = Arc::new(with_failpoints(subject.store(), &ledger));
    tokio::spawn(trim(trimmed_by, ledger.clone()));
    let store = with_failpoints(subject.store(), &ledger);
    let worker = builder(subject, store, ledger, &Arc::new(random));
    let worker = worker.build().await.expect("the worker can be built");
    let stopped = worker.run_until(std::future::pending()).await;
    stopped.expect("nobody stops it");
}

/// Registers the subscriptions, so that nothing is published before they are known.
pub(super) async fn register<S: Subject>(subject: &S, place: &Place, random: Random) {
    let ledger = Ledger::open(place.directory());
    let store = with_failpoints(subject.store(), &ledger);
    let worker = builder(subject, store, ledger, &Arc::new(random));
    worker.build().await.expect("the worker can be built");
}

/// Handles what is left, and ends when nothing is.
pub(super) async fn drain<S: Subject>(subject: &S, place: &Place, random: Random) {
    let ledger = Ledger::open(place.directory());
    let store = with_failpoints(subject.store(), &ledger);
    let worker = builder(subject, store, ledger, &Arc::new(random));
    let worker = worker.build().await.expect("the worker can be built");
    while !is_drained(&subject.store()).await {
        worker.run_until_idle().await.expect("the store works");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Returns true if every cursor is at the end of the log, and no retry waits.
pub(super) async fn is_drained(store: &impl Store) -> bool {
    let states = store.subscriptions().await;
    let states = states.expect("the store can be read");
    let mut partitions = states.iter().flat_map(|state| &state.partitions);
    partitions.all(|partition| partition.lag == 0 && partition.retries == 0)
}

/// Begins to build a worker of the harness over this store.
pub(super) fn builder<S: Subject>(
    subject: &S,
    store: FaultyStore,
    ledger: Ledger,
    random: &Arc<Random>,
) -> WorkerBuilder {
    let load = Arc::new(Load::of_this_process());
    let recorders = Recorder::all(&subject.store()).into_iter();
    let subscriptions = recorders.map(|it| subscription::<S>(it, &ledger, random, &load));
    let subscriptions: Vec<_> = subscriptions.collect();
    Worker::builder(subscriptions, store)
        .lease(LEASE)
        .batch(BATCH, 1024 * 1024)
        .poll(Duration::from_millis(5), Duration::from_millis(50))
        .observe(ledger)
        .sabotaged(Broken::sabotage())
}

fn with_failpoints(store: impl Store, ledger: &Ledger) -> FaultyStore {
    let store = FaultyStore::new(store, |step| {
        let step = name_of(step);
        if failpoint::is_due(&format!("before {step}")) {
            Fault::AbortsBefore
        } else if failpoint::is_due(&format!("after {step}")) {
            Fault::AbortsAfter
        } else {
            Fault::None
        }
    });
    store.lying(Broken::lies()).witnessed(ledger.clone())
}

fn name_of(step: Step<'_>) -> &'static str {
    match step {
        Step::Acquire(_) => "acquire",
        Step::Renew(_) => "renew",
        Step::Release(_) => "release",
        Step::Advance => "advance",
        Step::Fetch(_) => "fetch",
        Step::Due(_) => "due",
        Step::Note(_) => "note",
        Step::Acknowledge(_) => "acknowledge",
        Step::Begin(_) => "begin",
        Step::Subscriptions => "subscriptions",
        Step::Other(name) => name,
    }
}

/// Trims the log far more often than a worker does.
async fn trim(store: Arc<FaultyStore>, ledger: Ledger) {
    loop {
        tokio::time::sleep(Duration::from_millis(100)).await;
        if let Err(error) = store.trim(RETENTION, 100).await {
            ledger.error("trim", &error.to_string());
        }
    }
}

fn subscription<S: Subject>(
    recorder: Recorder,
    ledger: &Ledger,
    random: &Arc<Random>,
    load: &Arc<Load>,
) -> Subscription {
    let millis = Duration::from_millis;
    let policy = |attempts| RetryPolicy {
        attempts: Some(attempts),
        first: Some(millis(5)),
        longest: Some(millis(40)),
        keep_trying_for: Some(Duration::from_secs(3600)),
    };
    let lends = Lends {
        type_id: TypeId::of::<S::Connection>(),
        type_name: std::any::type_name::<S::Connection>(),
    };
    let handler = RecordingHandler::<S> {
        recorder,
        ledger: ledger.clone(),
        random: random.clone(),
        load: load.clone(),
        subject: PhantomData,
    };
    Subscription {
        settings: Settings {
            retry: policy(if recorder == Recorder::Flaky {
                3
            } else {
                1_000
            }),
            ..Settings::default()
        },
        lends: (recorder == Recorder::Effects).then_some(lends),
        ..plain_subscription(recorder.id(), Arc::new(handler))
    }
}

/// A subscription to the events of the harness.
pub(super) fn plain_subscription(id: &str, handler: Arc<dyn Handle>) -> Subscription {
    Subscription {
        id: id.to_owned(),
        was: Vec::new(),
        names: BTreeMap::from([(EVENT.to_owned(), 1)]),
        from: StartsFrom::Beginning,
        settings: Settings::default(),
        lends: None,
        each_process: false,
        replay: true,
        defined_at: concat!(file!(), ":", line!()).to_owned(),
        handler,
        on_dead: None,
    }
}

/// A handler that writes into the ledger.
struct RecordingHandler<S> {
    recorder: Recorder,
    ledger: Ledger,
    random: Arc<Random>,
    load: Arc<Load>,
    subject: PhantomData<fn() -> S>,
}

impl<S: Subject> RecordingHandler<S> {
    async fn work(&self, row: &Row, lent: Option<&mut (dyn Any + Send)>) -> Result<(), String> {
        if self.random.percent(self.load.slow_percent) {
            let time = self.random.between(Duration::ZERO, self.load.handling);
            tokio::time::sleep(time).await;
        }
        if self.recorder == Recorder::Effects {
            let lent = lent.and_then(|lent| lent.downcast_mut::<S::Connection>());
            let connection = lent.ok_or("it is not lent a connection")?;
            let written = S::write(connection, Table::Effects, row).await;
            written.map_err(|error| error.to_string())?;
        }
        let failing_percent = match self.recorder {
            Recorder::Flaky => FLAKY_PERCENT,
            Recorder::Plain | Recorder::Effects => self.load.failing_percent,
        };
        if self.random.percent(failing_percent) {
            return Err(NO_LUCK.to_owned());
        }
        Ok(())
    }
}

impl<S: Subject> Handle for RecordingHandler<S> {
    fn handle<'a>(
        &'a self,
        event: Arc<Envelope>,
        attempt: Attempt,
        lent: Option<&'a mut (dyn Any + Send)>,
    ) -> BoxFuture<'a, Result<Handled, NotHandled>> {
        Box::pin(async move {
            let id = self.recorder.id();
            let row = Row::of(&event);
            self.ledger.attempt(Kind::Start, id, &row, attempt);
            match self.work(&row, lent).await {
                Ok(()) => {
                    self.ledger.attempt(Kind::Ok, id, &row, attempt);
                    Ok(Handled::default())
                }
                Err(error) => {
                    self.ledger.attempt(Kind::Fail, id, &row, attempt);
                    if error != NO_LUCK {
                        self.ledger.error(id, &error);
                    }
                    Err(NotHandled::Failed(HandlerError::from(error)))
                }
            }
        })
    }
}
