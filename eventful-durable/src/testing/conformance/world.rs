//! A store with one subscription, and the steps that most checks make.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use uuid::Uuid;

use crate::store::{
    Acknowledgement, Acquire, Dead, Due, Fetch, Fetched, Held, Lease, Limit, Logged, Partition,
    PartitionState, Place, Registration, Retry, Slots, Store, ToRegister, Token, Verdict, Wait,
};
use crate::{Append, Envelope, Headers, StartsFrom, WhenDead, slot_of};

/// A lease that runs out soon enough for a test.
pub(super) const SHORT: Duration = Duration::from_millis(400);
/// A lease that does not run out in a test.
pub(super) const LONG: Duration = Duration::from_secs(60);

pub(super) const EVERYTHING: Limit = Limit {
    events: 1_000,
    bytes: 1 << 30,
};

pub(super) struct World {
    pub(super) store: Arc<dyn Store>,
    /// The name of the check, for its panics.
    pub(super) check: &'static str,
}

impl World {
    /// A store with the subscription `mail` of the event `placed`.
    pub(super) async fn new(check: &'static str, store: Arc<dyn Store>) -> Self {
        let world = Self { store, check };
        world.register(&["placed"]).await;
        world
    }

    pub(super) async fn register(&self, names: &[&str]) {
        self.register_as("mail", &[], names, StartsFrom::Now).await;
    }

    pub(super) async fn register_as(
        &self,
        id: &str,
        was: &[&str],
        names: &[&str],
        from: StartsFrom,
    ) {
        let names: BTreeMap<_, _> = names.iter().map(|name| ((*name).to_owned(), 1)).collect();
        let registration = Registration {
            events: names.clone(),
            subscriptions: vec![ToRegister {
                id: id.to_owned(),
                was: was.iter().map(|id| (*id).to_owned()).collect(),
                names,
                from,
                replay: true,
            }],
        };
        let registered = self.store.register(&registration).await;
        registered.unwrap_or_else(|error| self.fail(&format!("`register` fails: {error}")));
    }

    pub(super) async fn publish(&self, name: &str, key: &str, payload: &str) -> Uuid {
        let append = append(name, key, payload);
        let id = append.envelope.id;
        self.append(append).await;
        id
    }

    /// Appends an event, and moves the log on.
    pub(super) async fn append(&self, append: Append) {
        let appended = self.store.append(append).await;
        appended.unwrap_or_else(|error| self.fail(&format!("`append` fails: {error}")));
        self.end().await;
    }

    pub(super) async fn end(&self) -> Place {
        let advanced = self.store.advance().await;
        advanced
            .unwrap_or_else(|error| self.fail(&format!("`advance` fails: {error}")))
            .end
    }

    pub(super) async fn try_acquire(&self, subscription: &str, ttl: Duration) -> Option<Lease> {
        self.try_acquire_part(Partition::first_of(subscription), ttl)
            .await
    }

    pub(super) async fn try_acquire_part(
        &self,
        partition: Partition,
        ttl: Duration,
    ) -> Option<Lease> {
        let acquire = Acquire {
            partition,
            token: Token::fresh(),
            worker: Uuid::new_v4(),
            ttl,
        };
        let lease = self.store.acquire(&acquire).await;
        lease.unwrap_or_else(|error| self.fail(&format!("`acquire` fails: {error}")))
    }

    pub(super) async fn acquire(&self, ttl: Duration) -> Lease {
        let lease = self.try_acquire("mail", ttl).await;
        lease.unwrap_or_else(|| self.fail("a lease that is free is not given"))
    }

    pub(super) async fn fetch(&self, after: Place) -> Fetched {
        let fetch = Fetch {
            after,
            slots: Slots::ALL,
            names: None,
            limit: EVERYTHING,
        };
        let fetched = self.store.fetch(&fetch).await;
        fetched.unwrap_or_else(|error| self.fail(&format!("`fetch` fails: {error}")))
    }

    pub(super) async fn due(&self) -> Due {
        let due = self
            .store
            .due(&Partition::first_of("mail"), EVERYTHING)
            .await;
        due.unwrap_or_else(|error| self.fail(&format!("`due` fails: {error}")))
    }

    pub(super) async fn due_texts(&self) -> Vec<String> {
        let due = self.due().await;
        due.rows.iter().map(|row| text(&row.envelope)).collect()
    }

    pub(super) async fn acknowledge(&self, acknowledgement: &Acknowledgement) -> Verdict {
        let verdict = self.store.acknowledge(acknowledgement).await;
        verdict.unwrap_or_else(|error| self.fail(&format!("`acknowledge` fails: {error}")))
    }

    /// Moves the cursor to the end of the log, and makes retries of all events. Returns them as they were read.
    pub(super) async fn all_wait(&self, held: &Held, cursor: Place, wait: Wait) -> Fetched {
        let fetched = self.fetch(cursor).await;
        let mut acknowledgement = Acknowledgement::at(held.clone(), cursor);
        acknowledgement.to = fetched.through;
        let retries = fetched.events.iter().map(|event| Retry {
            position: event.place.position,
            key: event.envelope.key.clone(),
            attempts: 1,
            wait: wait.clone(),
            failures: Vec::new(),
        });
        acknowledgement.retries = retries.collect();
        let verdict = self.acknowledge(&acknowledgement).await;
        self.is(
            verdict == Verdict::Accepted,
            "an acknowledgement of the holder is accepted",
        );
        fetched
    }

    /// Moves the cursor to the end of the log, and gives up the first event behind it.
    pub(super) async fn the_first_dies(&self) {
        let lease = self.acquire(LONG).await;
        let fetched = self.fetch(lease.cursor).await;
        let mut acknowledgement = Acknowledgement::at(lease.held, lease.cursor);
        acknowledgement.to = fetched.through;
        acknowledgement.dead = vec![dead(&fetched.events[0])];
        let verdict = self.acknowledge(&acknowledgement).await;
        self.is(
            verdict == Verdict::Accepted,
            "an acknowledgement of the holder is accepted",
        );
    }

    pub(super) async fn state(&self, subscription: &str) -> Vec<PartitionState> {
        let states = self.store.subscriptions().await;
        let states =
            states.unwrap_or_else(|error| self.fail(&format!("`subscriptions` fails: {error}")));
        let state = states.into_iter().find(|state| state.id == subscription);
        state.map_or_else(Vec::new, |state| state.partitions)
    }

    /// Asserts a promise.
    pub(super) fn is(&self, kept: bool, promise: &str) {
        assert!(kept, "{}: broken: {promise}", self.check);
    }

    pub(super) fn fail(&self, reason: &str) -> ! {
        panic!("{}: {reason}", self.check)
    }
}

pub(super) fn append(name: &str, key: &str, payload: &str) -> Append {
    let id = Uuid::now_v7();
    let key = (!key.is_empty()).then(|| key.to_owned());
    Append {
        envelope: Envelope {
            id,
            name: name.to_owned(),
            version: 1,
            slot: slot_of(key.as_deref().unwrap_or(&id.to_string())),
            key,
            payload: payload.as_bytes().to_vec(),
            occurred_at: jiff::Timestamp::UNIX_EPOCH,
            headers: Headers::default(),
        },
        due_at: None,
        once: None,
    }
}

/// The event, given up after one attempt.
pub(super) fn dead(event: &Logged) -> Dead {
    Dead {
        position: event.place.position,
        envelope: event.envelope.clone(),
        attempts: 1,
        failures: Vec::new(),
        reason: "given up".to_owned(),
        when_dead: WhenDead::GoOn,
    }
}

pub(super) fn text(envelope: &Envelope) -> String {
    String::from_utf8_lossy(&envelope.payload).into_owned()
}

pub(super) fn texts(fetched: &Fetched) -> Vec<String> {
    fetched
        .events
        .iter()
        .map(|event| text(&event.envelope))
        .collect()
}
