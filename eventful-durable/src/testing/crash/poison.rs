//! An event that kills its worker.

use std::any::Any;
use std::collections::HashSet;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use uuid::Uuid;

use super::broken::Broken;
use super::child::POISONED;
use super::ledger::{self, Kind, Ledger, Line};
use super::processes::{End, Start};
use super::publisher::{append, connection};
use super::run::{PATIENCE, new_directory};
use super::worker::{is_drained, plain_subscription};
use super::{Fallible, Place, Row, Run, Subject};
use crate::store::{DeadFilter, Store as _};
use crate::{Attempt, BoxFuture, Envelope, Handle, Handled, NotHandled, Worker, WorkerBuilder};

/// The subscription whose handler aborts, and the one beside it.
const SUBSCRIPTIONS: [&str; 2] = [DEADLY, "crash.beside"];
const DEADLY: &str = "crash.deadly";
/// The events, and the one among them that kills.
const EVENTS: usize = 60;
const KILLER: usize = 25;
/// The deaths after which it is no use to go on: 5 are enough.
const MOST_DEATHS: usize = 20;

/// The result of [`Run::poison`].
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct PoisonReport {
    /// The directory with database and ledger. It is gone if nothing was found.
    pub directory: PathBuf,
    /// The workers that have died.
    pub deaths: usize,
    /// The dead letters.
    pub dead: usize,
    /// The events that were handled, by both subscriptions together.
    pub handled: usize,
    /// The faults, a line each.
    pub faults: Vec<String>,
}

impl Run {
    /// Publishes events, one of which aborts the process whenever the handler of one subscription gets it, and starts
    /// the worker again until it survives. That event alone has to be a dead letter in the end, of that subscription.
    ///
    /// # Panics
    ///
    /// If the database of the run cannot be opened, written or read.
    pub async fn poison<S: Subject>(self) -> PoisonReport {
        let directory = new_directory();
        let place = Place::new(&directory);
        let subject = S::open(&place).await.expect("the database can be opened");
        let worker = builder(&subject, &place, None).build().await;
        worker.expect("the worker can be built");
        let published = publish(&subject).await.expect("it can be published");
        std::fs::write(directory.join("killer"), published[KILLER].to_string())
            .expect("the directory can be written");
        let starter = self.starter(directory.clone());
        let mut report = PoisonReport {
            directory: directory.clone(),
            ..PoisonReport::default()
        };
        loop {
            let start = Start {
                role: POISONED,
                ..Start::default()
            };
            match starter.start(start).end_within(PATIENCE).await {
                Some(End::Done) => break,
                Some(End::Aborted) if report.deaths < MOST_DEATHS => report.deaths += 1,
                end => {
                    let text =
                        format!("after {} deaths, a worker ends with {end:?}", report.deaths);
                    report.faults.push(text);
                    break;
                }
            }
        }
        report.judge(&subject, &directory, &published).await;
        if report.faults.is_empty() {
            // It is in the directory for temporary files.
            let _ = std::fs::remove_dir_all(&directory);
        }
        report
    }
}

/// Publishes the events. Returns their ids.
async fn publish<S: Subject>(subject: &S) -> Fallible<Vec<Uuid>> {
    let mut published = Vec::new();
    for number in 0..EVENTS {
        let mut transaction = subject.begin().await?;
        let key = format!("key-{}", number % 20);
        let row = Row {
            id: Uuid::now_v7(),
            number: S::count(connection::<S>(&mut transaction)?, &key).await?,
            key: Some(key),
        };
        append::<S>(&mut transaction, &row).await?;
        S::commit(transaction).await?;
        published.push(row.id);
    }
    Ok(published)
}

/// The work of a child.
pub(super) async fn run_worker<S: Subject>(subject: &S, place: &Place) {
    let killer = std::fs::read_to_string(place.directory().join("killer"));
    let killer = killer.expect("there is a killer");
    let killer = killer.parse().expect("it is an id");
    let worker = builder(subject, place, Some(killer)).build().await;
    let worker = worker.expect("the worker can be built");
    while !is_drained(&subject.store()).await {
        worker.run_until_idle().await.expect("the store works");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

fn builder<S: Subject>(subject: &S, place: &Place, killer: Option<Uuid>) -> WorkerBuilder {
    let ledger = Ledger::open(place.directory());
    let subscriptions = SUBSCRIPTIONS.map(|id| {
        let handler = Deadly {
            id,
            killer: killer.filter(|_| id == DEADLY),
            ledger: ledger.clone(),
        };
        plain_subscription(id, Arc::new(handler))
    });
    Worker::builder(subscriptions.to_vec(), subject.store())
        .lease(Duration::from_millis(500))
        .sabotaged(Broken::sabotage())
}

struct Deadly {
    id: &'static str,
    killer: Option<Uuid>,
    ledger: Ledger,
}

impl Handle for Deadly {
    fn handle<'a>(
        &'a self,
        event: Arc<Envelope>,
        attempt: Attempt,
        _: Option<&'a mut (dyn Any + Send)>,
    ) -> BoxFuture<'a, Result<Handled, NotHandled>> {
        Box::pin(async move {
            let row = Row::of(&event);
            self.ledger.attempt(Kind::Start, self.id, &row, attempt);
            // Long enough for others to be beside it.
            tokio::time::sleep(Duration::from_millis(5)).await;
            if self.killer == Some(row.id) {
                std::process::abort();
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
            self.ledger.attempt(Kind::Ok, self.id, &row, attempt);
            Ok(Handled::default())
        })
    }
}

impl PoisonReport {
    async fn judge<S: Subject>(&mut self, subject: &S, directory: &Path, published: &[Uuid]) {
        let dead = subject.store().dead_letters(&DeadFilter::default()).await;
        let dead = dead.expect("the dead letters can be read");
        self.dead = dead.len();
        let killer = published[KILLER];
        let is_guilty = dead.iter().map(|it| (&*it.subscription, it.envelope.id));
        let is_guilty: Vec<_> = is_guilty.collect();
        if is_guilty != [(DEADLY, killer)] {
            let reasons: Vec<_> = dead
                .iter()
                .map(|it| (&it.subscription, &it.reason))
                .collect();
            let text = format!("the killer alone should be dead, not {reasons:?}");
            self.faults.push(text);
        }
        let lines = ledger::read(directory);
        let handled = lines.filter_map(|line| Line::parse(&line).filter(|it| it.kind == Kind::Ok));
        let handled: HashSet<_> = handled.map(|it| (it.subscription, it.event)).collect();
        self.handled = handled.len();
        for subscription in SUBSCRIPTIONS {
            for id in published {
                let is_handled = handled.contains(&(subscription.to_owned(), *id));
                let should_be = subscription != DEADLY || *id != killer;
                if is_handled != should_be {
                    let text = format!("{subscription} has handled {id}: {is_handled}");
                    self.faults.push(text);
                }
            }
        }
    }

    /// Asserts that nothing is wrong.
    ///
    /// # Panics
    ///
    /// If something is.
    pub fn assert_sound(&self) {
        let (faults, directory) = (self.faults.join("\n"), self.directory.display());
        assert!(self.faults.is_empty(), "{self}\n{faults}\nin {directory}");
    }
}

impl fmt::Display for PoisonReport {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "poison: {} events, {} deaths of workers, {} dead letters, {} handled",
            EVENTS, self.deaths, self.dead, self.handled
        )
    }
}
