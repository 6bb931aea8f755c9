//! Tests of a team's own handlers.

use std::any::Any;
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use super::{Fault, FaultyStore, Step};
use crate::store::{
    DeadFilter, DeadLetter, Fetch, Limit, Partition, Place, Position, Slots, Store,
};
use crate::{Attempt, BoxFuture, Envelope, Handle, Handled, NotHandled, Program, WhenLate};

/// Makes every handler handle every event twice, as if the first acknowledgement had been lost: so a handler that is
/// not idempotent is seen.
///
/// Handlers with a transaction handle it once, because their effect is acknowledged with it.
///
/// # Examples
///
/// ```standalone_crate
/// use std::sync::atomic::{AtomicU32, Ordering};
///
/// use eventful::durable::testing::deliver_twice;
/// use eventful::durable::{Memory, Worker};
/// use eventful::{Bus, event, handler};
/// # use serde::{Deserialize, Serialize};
///
/// static SENT: AtomicU32 = AtomicU32::new(0);
///
/// #[event(durable, name = "order.placed")]
/// #[derive(Serialize, Deserialize)]
/// struct OrderPlaced;
///
/// #[handler(OrderPlaced, id = "mail.confirm")]
/// async fn confirm(_: &OrderPlaced) {
///     SENT.fetch_add(1, Ordering::Relaxed); // not idempotent
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let store = Memory::new();
/// let bus = Bus::isolated().with(confirm).build()?;
/// let worker = Worker::builder(deliver_twice(&bus), store.clone()).build().await?;
/// let mut transaction = store.begin();
/// OrderPlaced.publish(&mut transaction).await?;
/// transaction.commit();
/// worker.run_until_idle().await?;
/// assert_eq!(SENT.load(Ordering::Relaxed), 2);
/// # Ok(())
/// # }
/// ```
#[must_use]
pub fn deliver_twice(program: impl Into<Program>) -> Program {
    let mut program = program.into();
    for subscription in &mut program.subscriptions {
        if subscription.lends.is_none() {
            let handler = subscription.handler.clone();
            subscription.handler = Arc::new(Twice { handler });
        }
    }
    program
}

struct Twice {
    handler: Arc<dyn Handle>,
}

impl Handle for Twice {
    fn handle<'a>(
        &'a self,
        event: Arc<Envelope>,
        attempt: Attempt,
        _: Option<&'a mut (dyn Any + Send)>,
    ) -> BoxFuture<'a, Result<Handled, NotHandled>> {
        Box::pin(async move {
            // What the first one returns is lost with its acknowledgement.
            self.handler.handle(event.clone(), attempt, None).await?;
            self.handler.handle(event, attempt, None).await
        })
    }

    fn when_late(&self) -> WhenLate {
        self.handler.when_late()
    }
}

/// Makes the process "die" between each handler and its acknowledgement: the first acknowledgement of each batch and of
/// each retry is lost, and what it was about is delivered again.
///
/// # Examples
///
/// ```standalone_crate
/// use std::sync::atomic::{AtomicU32, Ordering};
///
/// use eventful::durable::testing::crash_between;
/// use eventful::durable::{Memory, Worker};
/// use eventful::{Bus, event, handler};
/// # use serde::{Deserialize, Serialize};
///
/// static SENT: AtomicU32 = AtomicU32::new(0);
///
/// #[event(durable, name = "order.placed")]
/// #[derive(Serialize, Deserialize)]
/// struct OrderPlaced;
///
/// #[handler(OrderPlaced, id = "mail.confirm")]
/// async fn confirm(_: &OrderPlaced) {
///     SENT.fetch_add(1, Ordering::Relaxed); // not idempotent
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let store = Memory::new();
/// let bus = Bus::isolated().with(confirm).build()?;
/// let worker = Worker::builder(&bus, crash_between(store.clone())).build().await?;
/// let mut transaction = store.begin();
/// OrderPlaced.publish(&mut transaction).await?;
/// transaction.commit();
/// worker.run_until_idle().await?;
/// assert_eq!(SENT.load(Ordering::Relaxed), 2);
/// # Ok(())
/// # }
/// ```
#[must_use]
pub fn crash_between(store: impl Store) -> FaultyStore {
    let lost: Mutex<BTreeSet<(Partition, Position)>> = Mutex::default();
    FaultyStore::new(store, move |step| {
        let Step::Acknowledge(acknowledgement) = step else {
            return Fault::None;
        };
        if acknowledgement.handled == 0 {
            return Fault::None;
        }
        let partition = &acknowledgement.held.partition;
        let mut lost = lost.lock().unwrap_or_else(PoisonError::into_inner);
        let to = acknowledgement.to.position;
        let moves = (to != acknowledgement.from.position).then_some(to);
        let done = acknowledgement.done.iter().copied();
        let mut is_new = false;
        for position in done.chain(moves) {
            is_new |= lost.insert((partition.clone(), position));
        }
        if is_new {
            Fault::FailsBefore
        } else {
            Fault::None
        }
    })
}

/// Assertions on a store. Each failure says what there was instead.
///
/// # Examples
///
/// ```standalone_crate
/// use std::time::Duration;
///
/// use eventful::durable::testing::Expect;
/// use eventful::durable::{Memory, Worker};
/// use eventful::{Bus, event, handler};
/// # use serde::{Deserialize, Serialize};
///
/// # #[event(durable, name = "order.placed")]
/// # #[derive(Serialize, Deserialize)]
/// # struct OrderPlaced;
/// #
/// #[handler(OrderPlaced, id = "mail.confirm", retry(attempts = 2))]
/// async fn confirm(_: &OrderPlaced) -> Result<(), String> {
///     Err("the mail server is down".to_owned())
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let store = Memory::new();
/// let bus = Bus::isolated().with(confirm).build()?;
/// let worker = Worker::builder(&bus, store.clone()).build().await?;
/// let mut transaction = store.begin();
/// OrderPlaced.publish(&mut transaction).await?;
/// transaction.commit();
///
/// let expect = Expect::of(&store);
/// expect.published("order.placed", 1).await;
/// worker.run_until_idle().await?;
/// expect.retries("mail.confirm", 1).await;
/// store.move_clock(Duration::from_secs(1));
/// worker.run_until_idle().await?;
/// let dead = expect.dead("mail.confirm", 1).await;
/// assert_eq!(dead[0].failures[1].text, "the mail server is down");
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy)]
pub struct Expect<'a> {
    store: &'a dyn Store,
}

impl<'a> Expect<'a> {
    /// Makes assertions on this store.
    #[must_use]
    pub fn of(store: &'a dyn Store) -> Self {
        Self { store }
    }

    /// Asserts that so many events of this name were published. Returns them, in the order of the log.
    ///
    /// # Panics
    ///
    /// If it is another number, or the store fails.
    pub async fn published(self, name: &str, count: usize) -> Vec<Arc<Envelope>> {
        let fetch = Fetch {
            after: Place::BEGINNING,
            slots: Slots::ALL,
            names: None,
            limit: Limit {
                events: usize::MAX,
                bytes: usize::MAX,
            },
        };
        let fetched = self
            .store
            .fetch(&fetch)
            .await
            .expect("the store can be read");
        let all = fetched.events.into_iter().map(|event| event.envelope);
        let (found, others): (Vec<_>, Vec<_>) = all.partition(|event| event.name == name);
        let others: BTreeSet<_> = others.iter().map(|event| event.name.as_str()).collect();
        assert!(
            found.len() == count,
            "expected {count} of `{name}` to be published, found {}; other events: {others:?}",
            found.len()
        );
        found
    }

    /// Asserts that a subscription has so many dead letters. Returns them, the oldest first.
    ///
    /// # Panics
    ///
    /// If it is another number, or the store fails.
    pub async fn dead(self, subscription: &str, count: usize) -> Vec<DeadLetter> {
        let filter = DeadFilter {
            subscription: Some(subscription.to_owned()),
            ..DeadFilter::default()
        };
        let dead = self
            .store
            .dead_letters(&filter)
            .await
            .expect("the store can be read");
        let reasons: Vec<_> = dead.iter().map(|dead| &dead.reason).collect();
        assert!(
            dead.len() == count,
            "expected {count} dead letters of `{subscription}`, found {}: {reasons:?}",
            dead.len()
        );
        dead
    }

    /// Asserts that so many events of a subscription wait for a retry.
    ///
    /// # Panics
    ///
    /// If it is another number, there is no such subscription, or the store fails.
    pub async fn retries(self, subscription: &str, count: u64) {
        let states = self
            .store
            .subscriptions()
            .await
            .expect("the store can be read");
        let state = states.iter().find(|state| state.id == subscription);
        let Some(state) = state else {
            let ids: Vec<_> = states.iter().map(|state| &state.id).collect();
            panic!("there is no subscription `{subscription}` in the store, only {ids:?}");
        };
        let retries: u64 = state.partitions.iter().map(|it| it.retries).sum();
        assert!(
            retries == count,
            "expected {count} retries of `{subscription}`, found {retries}"
        );
    }
}

impl std::fmt::Debug for Expect<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Expect").finish_non_exhaustive()
    }
}
