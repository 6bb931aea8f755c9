//! A store, the programs over it, and what they have to keep.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::{sleep, timeout};
use uuid::Uuid;

use super::ledger::{Ledger, Line};
use super::step::{Behaviour, End, Event, Step};
use crate::memory::Sabotage as StoreSabotage;
use crate::store::{Change, DeadFilter, Fetch, Limit, Place, Position, Slots, Store};
use crate::tests::support::{append_of, event, failed, handler, transactional};
use crate::worker::Sabotage as WorkerSabotage;
use crate::{
    Append, Appends, Attempt, Envelope, Handled, HandlerError, Memory, NotHandled, Process,
    RetryPolicy, Settings, Subscription, Worker,
};

/// The most retries of a partition.
const OUTSTANDING: usize = 6;
const LEASE: Duration = Duration::from_secs(1);

pub(super) struct World {
    pub(super) store: Memory,
    pub(super) sabotage: WorkerSabotage,
    pub(super) has_killers: bool,
    pub(super) ledger: Ledger,
    pub(super) behaviours: BTreeMap<Uuid, Behaviour>,
    /// The log, as it was before any trimming.
    pub(super) log: Vec<(Place, Arc<Envelope>)>,
    /// The position since which a subscription takes a name.
    pub(super) since: BTreeMap<(&'static str, &'static str), Position>,
    pub(super) id_of_mail: &'static str,
    pub(super) processes: u32,
    pub(super) kills: usize,
    pub(super) is_split: bool,
    /// The most parts that a subscription has had.
    pub(super) parts_until_now: usize,
}

/// The name of a subscription in the ledger, whatever its id is.
pub(super) fn label_of(id: &str) -> &'static str {
    match id {
        "stock" => "stock",
        "late" => "late",
        _ => "mail",
    }
}

impl World {
    pub(super) fn new(store: StoreSabotage, sabotage: WorkerSabotage, has_killers: bool) -> Self {
        Self {
            store: Memory::sabotaged(store),
            sabotage,
            has_killers,
            ledger: Ledger::default(),
            behaviours: BTreeMap::new(),
            log: Vec::new(),
            since: BTreeMap::from([(("mail", "a"), Position(0)), (("stock", "a"), Position(0))]),
            id_of_mail: "mail",
            processes: 0,
            kills: 0,
            is_split: false,
            parts_until_now: 1,
        }
    }

    pub(super) async fn take(&mut self, step: &Step) -> Result<(), String> {
        match step {
            Step::Publish(event) => {
                let envelope = self.envelope(*event);
                self.store
                    .append(append_of(envelope))
                    .await
                    .map_err(|it| it.to_string())?;
            }
            Step::Transaction(events, end) => self.transaction(events, *end).await,
            Step::Schedule(event, delay) => {
                let due_at = self.store.now().await.map_err(|it| it.to_string())? + *delay;
                let append = Append {
                    due_at: Some(due_at),
                    ..append_of(self.envelope(*event))
                };
                self.store
                    .append(append)
                    .await
                    .map_err(|it| it.to_string())?;
            }
            Step::Idle => self.idle().await,
            Step::Crash(after) => self.crash(*after).await,
            Step::Zombie(after) => self.zombie(*after).await,
            Step::Two(time) => self.two(*time).await,
            Step::Sleep(time) => sleep(*time).await,
            Step::Grow => self.hear("mail", "b"),
            Step::Register => self.hear("late", "a"),
            Step::OldProgram => {
                let id = std::mem::replace(&mut self.id_of_mail, "mail");
                self.idle().await;
                self.id_of_mail = id;
            }
            Step::Rename => self.id_of_mail = "post",
            Step::Split if !self.is_split => {
                self.is_split = true;
                self.parts_until_now = 3;
                self.change(&Change::Split(3)).await;
            }
            Step::Split => {}
            Step::Join => {
                self.is_split = false;
                self.change(&Change::Join).await;
            }
            Step::Replay => self.change(&Change::Replay(Position(0))).await,
            Step::RetryDead => {
                let all = DeadFilter::default();
                self.store
                    .retry_dead(&all)
                    .await
                    .map_err(|it| it.to_string())?;
            }
            Step::Trim => {
                self.read_log().await;
                let trimmed = self.store.trim(Duration::ZERO, 100).await;
                trimmed.map_err(|it| it.to_string())?;
            }
            Step::Pause => self.change(&Change::Pause).await,
            Step::Resume => self.change(&Change::Resume).await,
        }
        self.register().await;
        self.read_log().await;
        self.check_bound().await
    }

    fn envelope(&mut self, wanted: Event) -> Envelope {
        let key = wanted.key.map_or(String::new(), |key| key.to_string());
        let name = if wanted.is_second_name { "b" } else { "a" };
        let envelope = event(name, &key, "1");
        self.behaviours.insert(envelope.id, wanted.behaviour);
        envelope
    }

    async fn transaction(&mut self, events: &[Event], end: End) {
        let envelopes: Vec<_> = events.iter().map(|event| self.envelope(*event)).collect();
        let mut transaction = self.store.begin();
        for envelope in envelopes {
            transaction
                .append(append_of(envelope))
                .await
                .expect("a memory appends");
        }
        if end == End::Commit {
            transaction.commit();
        }
    }

    /// From now on, programs take this name in this subscription.
    fn hear(&mut self, subscription: &'static str, name: &'static str) {
        let end = self
            .log
            .last()
            .map_or(Position(0), |(place, _)| place.position);
        self.since.entry((subscription, name)).or_insert(end);
    }

    async fn change(&mut self, change: &Change) {
        // Before the first registration there is nothing to change.
        let _ = self.store.change(self.id_of_mail, change).await;
    }

    /// A program of this time starts, and registers: so what is heard begins now.
    pub(super) async fn register(&mut self) {
        self.worker(&Process::simulated(), &Arc::default()).await;
    }

    async fn worker(&mut self, process: &Process, death: &Arc<Notify>) -> Worker {
        self.processes += 1;
        let subscriptions = self.program(death);
        let settings = Settings {
            retry: RetryPolicy {
                first: Some(Duration::from_millis(100)),
                longest: Some(Duration::from_secs(1)),
                ..RetryPolicy::default()
            },
            timeout: Some(Duration::from_secs(2)),
            concurrency: Some(3),
            ..Settings::default()
        };
        let worker = Worker::builder(subscriptions, self.store.clone())
            .settings("*", settings)
            .lease(LEASE)
            .batch(4, 1_000)
            .deadline(Duration::from_millis(50))
            .outstanding(OUTSTANDING)
            .observe(self.ledger.clone())
            .in_process(process)
            .sabotaged(self.sabotage);
        worker.build().await.expect("the program has no fault")
    }

    fn program(&self, death: &Arc<Notify>) -> Vec<Subscription> {
        let names = |label| {
            let all = self
                .since
                .keys()
                .filter(move |(subscription, _)| *subscription == label);
            all.map(|(_, name)| *name).collect::<Vec<_>>()
        };
        let mut mail = self.plain("mail", self.id_of_mail, &names("mail"), death);
        if self.id_of_mail != "mail" {
            mail.was = vec!["mail".to_owned()];
        }
        let mut program = vec![mail, self.stock()];
        if !names("late").is_empty() {
            program.push(self.plain("late", "late", &names("late"), death));
        }
        program
    }

    fn plain(
        &self,
        label: &'static str,
        id: &str,
        names: &[&str],
        death: &Arc<Notify>,
    ) -> Subscription {
        let (ledger, behaviours) = (self.ledger.clone(), self.behaviours.clone());
        let (death, process, has_killers) = (death.clone(), self.processes, self.has_killers);
        handler(id, names, move |event, attempt| {
            let running = ledger.start(label, event.id, event.key.as_deref(), process);
            let (ledger, death) = (ledger.clone(), death.clone());
            let behaviour = behaviours[&event.id];
            async move {
                let _running = running;
                sleep(Duration::from_millis(2)).await;
                if let Behaviour::IsSlow(time) = behaviour {
                    sleep(Duration::from_millis(time)).await;
                }
                if behaviour == Behaviour::Kills && has_killers {
                    death.notify_one();
                    std::future::pending::<()>().await;
                }
                outcome(behaviour, attempt)?;
                ledger.write(label, Line::Succeeded(event.id));
                Ok(Handled::default())
            }
        })
    }

    fn stock(&self) -> Subscription {
        let (ledger, behaviours) = (self.ledger.clone(), self.behaviours.clone());
        let process = self.processes;
        let mut stock = transactional("stock", &["a"], move |event, attempt| {
            drop(ledger.start("stock", event.id, event.key.as_deref(), process));
            outcome(behaviours[&event.id], attempt)?;
            let ledger = ledger.clone();
            Ok(move || ledger.write("stock", Line::Succeeded(event.id)))
        });
        stock.replay = false;
        stock
    }

    async fn idle(&mut self) {
        let (process, death) = (Process::simulated(), Arc::<Notify>::default());
        let worker = self.worker(&process, &death).await;
        tokio::select! {
            biased;
            () = death.notified() => self.kills += 1,
            idle = worker.run_until_idle() => idle.expect("a memory answers"),
        }
    }

    /// Killers and kills from outside are not mixed: a kill from outside blames whoever runs alone.
    async fn crash(&mut self, after: Duration) {
        if self.has_killers {
            return self.idle().await;
        }
        let worker = self.worker(&Process::simulated(), &Arc::default()).await;
        let run = worker.run_until(std::future::pending());
        assert!(
            timeout(after, run).await.is_err(),
            "it runs until it is killed"
        );
        self.kills += 1;
    }

    async fn zombie(&mut self, after: Duration) {
        if self.has_killers {
            return self.idle().await;
        }
        let zombie = self.worker(&Process::simulated(), &Arc::default()).await;
        let successor = self.worker(&Process::simulated(), &Arc::default()).await;
        let handle = zombie.handle();
        let takes_over = async {
            sleep(after).await;
            // The store says that the leases have run out; the zombie's own clock says that they have not.
            self.store.move_clock(LEASE);
            successor.run_until_idle().await.expect("a memory answers");
            handle.stop(LEASE).await;
        };
        let (stopped, ()) = tokio::join!(zombie.run_until(std::future::pending()), takes_over);
        stopped.expect("handlers end in time");
    }

    async fn two(&mut self, time: Duration) {
        let (process, death) = (Process::simulated(), Arc::<Notify>::default());
        let one = self.worker(&process, &death).await;
        let two = self.worker(&process, &death).await;
        let run = async { tokio::join!(one.run_until(sleep(time)), two.run_until(sleep(time))) };
        tokio::select! {
            biased;
            () = death.notified() => self.kills += 1,
            (one, two) = run => one.and(two).expect("handlers end in time"),
        }
    }

    async fn read_log(&mut self) {
        self.store.advance().await.expect("a memory answers");
        let after = self
            .log
            .last()
            .map_or(Place::BEGINNING, |(place, _)| *place);
        let fetch = Fetch {
            after,
            slots: Slots::ALL,
            names: None,
            limit: Limit {
                events: usize::MAX,
                bytes: usize::MAX,
            },
        };
        let fetched = self.store.fetch(&fetch).await.expect("a memory answers");
        let events = fetched.events.into_iter();
        self.log
            .extend(events.map(|event| (event.place, event.envelope)));
    }

    /// Retries are bounded. Those that a person has asked for come on top. A join leaves those of each part.
    async fn check_bound(&self) -> Result<(), String> {
        let dead = self.store.dead_letters(&DeadFilter::default()).await;
        let dead = dead.map_err(|error| error.to_string())?;
        let asked_for = dead.iter().filter(|dead| dead.is_retried).count();
        let states = self
            .store
            .subscriptions()
            .await
            .map_err(|error| error.to_string())?;
        for partition in states.iter().flat_map(|state| &state.partitions) {
            let retries = usize::try_from(partition.retries).unwrap_or(usize::MAX);
            if retries > self.parts_until_now * OUTSTANDING + asked_for {
                return Err(format!("{retries} retries are outstanding"));
            }
        }
        Ok(())
    }

    /// Workers run, and time passes, until nothing is left to do.
    pub(super) async fn drain(&mut self) -> Result<(), String> {
        self.change(&Change::Resume).await;
        for _ in 0..120 {
            self.idle().await;
            sleep(Duration::from_millis(1_100)).await;
            self.read_log().await;
            let states = self
                .store
                .subscriptions()
                .await
                .map_err(|error| error.to_string())?;
            let mut partitions = states.iter().flat_map(|state| &state.partitions);
            let is_done = partitions.all(|it| it.retries == 0 && it.lag == 0 && it.owner.is_none());
            let next = self.store.advance().await.expect("a memory answers");
            if is_done && next.next_scheduled_in.is_none() {
                return Ok(());
            }
        }
        let states = self.store.subscriptions().await;
        Err(format!("it never ends: {states:#?}"))
    }
}

fn outcome(behaviour: Behaviour, attempt: Attempt) -> Result<(), NotHandled> {
    match behaviour {
        Behaviour::Fails(times) if attempt.number <= times => Err(failed("not yet")),
        Behaviour::FailsForGood => {
            let error = HandlerError::permanent("never");
            Err(NotHandled::Failed(error))
        }
        _ => Ok(()),
    }
}
