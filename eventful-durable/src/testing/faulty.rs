//! A store that fails when a test wants it to.

use std::fmt;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use uuid::Uuid;

use crate::store::{
    Acknowledgement, Acquire, Advanced, Announcement, Bell, Change, Company, DeadFilter,
    DeadLetter, Due, Facts, Fetch, Fetched, Held, Lease, Limit, Partition, Position, Registered,
    Registration, Store, StoreError, StoreResult, StoreTransaction, SubscriptionState, Token,
    Trimmed, Verdict,
};
use crate::{Append, AppendError, BoxFuture};

/// A store that does what another one does, unless a function wants it to fail.
///
/// # Examples
///
/// ```
/// use eventful::durable::Memory;
/// use eventful::durable::store::Store;
/// use eventful::durable::testing::{Fault, FaultyStore, Step};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let store = FaultyStore::new(Memory::new(), |step| match step {
///     Step::Advance => Fault::FailsBefore,
///     _ => Fault::None,
/// });
/// assert!(store.advance().await.is_err());
/// assert!(store.subscriptions().await.is_ok());
/// # }
/// ```
pub struct FaultyStore {
    store: Arc<dyn Store>,
    fault: Box<dyn Fn(Step<'_>) -> Fault + Send + Sync>,
    lies: Lies,
    witness: Option<Box<dyn Witness>>,
}

/// Somebody who is told which leases a store has given, and which acknowledgements it has taken.
pub(crate) trait Witness: Send + Sync + 'static {
    /// A lease was given, after it was asked for at `asked_at`.
    fn gave(&self, acquire: &Acquire, asked_at: Timestamp, lease: &Lease);
    /// An acknowledgement was taken.
    fn took(&self, acknowledgement: &Acknowledgement);
}

/// Facts that the store hides from the worker: a harness has to notice what comes of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(
    not(all(unix, feature = "crash")),
    expect(dead_code, reason = "only the crash harness has a worker lied to")
)]
pub(crate) enum Lies {
    /// Nothing.
    #[default]
    None,
    /// A lease that has run out: the worker believes that it holds each one for ever.
    LostLeases,
    /// Such a lease, and the token: each lease of a partition has the same one.
    LostLeasesAndTokens,
    /// The *done* rows that an earlier lease has left.
    DoneRows,
}

/// A step that the store is about to make.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Step<'a> {
    /// [`Store::acquire`].
    Acquire(&'a Acquire),
    /// [`Store::renew`].
    Renew(&'a [Held]),
    /// [`Store::release`].
    Release(&'a [Held]),
    /// [`Store::advance`].
    Advance,
    /// [`Store::fetch`].
    Fetch(&'a Fetch),
    /// [`Store::due`].
    Due(&'a Partition),
    /// [`Store::note`].
    Note(&'a [Position]),
    /// [`Store::acknowledge`].
    Acknowledge(&'a Acknowledgement),
    /// [`Store::begin`].
    Begin(&'a Held),
    /// [`Store::subscriptions`].
    Subscriptions,
    /// Any other step, by its name.
    Other(&'static str),
}

/// The fate of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// It is made.
    None,
    /// It is not made, and fails.
    FailsBefore,
    /// It is made, and fails: the answer is lost.
    FailsAfter,
    /// It never ends.
    Hangs,
    /// The process aborts before it is made.
    AbortsBefore,
    /// It is made, and the process aborts.
    AbortsAfter,
}

impl FaultyStore {
    /// Asks `fault` before each step of `store`.
    #[must_use]
    pub fn new(
        store: impl Store,
        fault: impl Fn(Step<'_>) -> Fault + Send + Sync + 'static,
    ) -> Self {
        Self {
            store: Arc::new(store),
            fault: Box::new(fault),
            lies: Lies::None,
            witness: None,
        }
    }

    /// Tells somebody what the store has done.
    #[cfg(all(unix, feature = "crash"))]
    #[must_use]
    pub(crate) fn witnessed(mut self, witness: impl Witness) -> Self {
        self.witness = Some(Box::new(witness));
        self
    }

    /// Hides something from the worker.
    #[cfg(all(unix, feature = "crash"))]
    #[must_use]
    pub(crate) fn lying(mut self, lies: Lies) -> Self {
        self.lies = lies;
        self
    }

    fn step<'a, T: Send + 'a>(
        &'a self,
        step: Step<'a>,
        does: impl Future<Output = Result<T, StoreError>> + Send + 'a,
    ) -> StoreResult<'a, T> {
        Box::pin(async move {
            let fault = (self.fault)(step);
            if fault == Fault::Hangs {
                std::future::pending::<()>().await;
            }
            if fault == Fault::AbortsBefore {
                std::process::abort();
            }
            if fault == Fault::FailsBefore {
                return Err(StoreError::failed("the test wants it to fail before"));
            }
            let done = does.await;
            if fault == Fault::AbortsAfter {
                std::process::abort();
            }
            if fault == Fault::FailsAfter {
                return Err(StoreError::failed("the test wants it to fail after"));
            }
            done
        })
    }
}

/// The token of every lease of a partition, where that is a lie.
fn token_of(partition: &Partition) -> Token {
    let text = partition.to_string();
    let bytes = text.bytes().map(u128::from);
    Token(Uuid::from_u128(bytes.fold(1, |number, byte| {
        number.wrapping_mul(257).wrapping_add(byte)
    })))
}

impl Store for FaultyStore {
    fn facts(&self) -> Facts {
        self.store.facts()
    }

    fn bell(&self) -> &Bell {
        self.store.bell()
    }

    fn now(&self) -> StoreResult<'_, Timestamp> {
        self.step(Step::Other("now"), self.store.now())
    }

    fn append(&self, append: Append) -> BoxFuture<'_, Result<(), AppendError>> {
        self.store.append(append)
    }

    fn register<'a>(&'a self, registration: &'a Registration) -> StoreResult<'a, Registered> {
        self.step(Step::Other("register"), self.store.register(registration))
    }

    fn announce<'a>(
        &'a self,
        worker: &'a Announcement,
        ttl: Duration,
    ) -> StoreResult<'a, Vec<Announcement>> {
        self.step(Step::Other("announce"), self.store.announce(worker, ttl))
    }

    fn acquire<'a>(&'a self, acquire: &'a Acquire) -> StoreResult<'a, Option<Lease>> {
        let taken = async move {
            let mut acquire = acquire.clone();
            if self.lies == Lies::LostLeasesAndTokens {
                acquire.token = token_of(&acquire.partition);
            }
            let asked_at = Timestamp::now();
            let mut lease = self.store.acquire(&acquire).await?;
            if let (Some(witness), Some(lease)) = (&self.witness, &lease) {
                witness.gave(&acquire, asked_at, lease);
            }
            if let Some(lease) = lease.as_mut().filter(|_| self.lies == Lies::DoneRows) {
                lease.done.clear();
            }
            Ok(lease)
        };
        self.step(Step::Acquire(acquire), taken)
    }

    fn renew<'a>(&'a self, held: &'a [Held], ttl: Duration) -> StoreResult<'a, Vec<Held>> {
        let renewed = async move {
            match self.lies {
                Lies::None | Lies::DoneRows => self.store.renew(held, ttl).await,
                Lies::LostLeases | Lies::LostLeasesAndTokens => Ok(held.to_vec()),
            }
        };
        self.step(Step::Renew(held), renewed)
    }

    fn release<'a>(&'a self, held: &'a [Held]) -> StoreResult<'a, ()> {
        self.step(Step::Release(held), self.store.release(held))
    }

    fn advance(&self) -> StoreResult<'_, Advanced> {
        self.step(Step::Advance, self.store.advance())
    }

    fn fetch<'a>(&'a self, fetch: &'a Fetch) -> StoreResult<'a, Fetched> {
        self.step(Step::Fetch(fetch), self.store.fetch(fetch))
    }

    fn due<'a>(&'a self, partition: &'a Partition, limit: Limit) -> StoreResult<'a, Due> {
        self.step(Step::Due(partition), self.store.due(partition, limit))
    }

    fn note<'a>(
        &'a self,
        held: &'a Held,
        positions: &'a [Position],
        company: Company,
    ) -> StoreResult<'a, Verdict> {
        let note = self.store.note(held, positions, company);
        self.step(Step::Note(positions), note)
    }

    fn acknowledge<'a>(&'a self, acknowledgement: &'a Acknowledgement) -> StoreResult<'a, Verdict> {
        let acknowledge = async {
            let verdict = self.store.acknowledge(acknowledgement).await?;
            if let (Some(witness), Verdict::Accepted) = (&self.witness, verdict) {
                witness.took(acknowledgement);
            }
            Ok(verdict)
        };
        self.step(Step::Acknowledge(acknowledgement), acknowledge)
    }

    fn begin<'a>(&'a self, held: &'a Held) -> StoreResult<'a, Box<dyn StoreTransaction>> {
        self.step(Step::Begin(held), self.store.begin(held))
    }

    fn subscriptions(&self) -> StoreResult<'_, Vec<SubscriptionState>> {
        self.step(Step::Subscriptions, self.store.subscriptions())
    }

    fn change<'a>(&'a self, subscription: &'a str, change: &'a Change) -> StoreResult<'a, ()> {
        let changed = self.store.change(subscription, change);
        self.step(Step::Other("change"), changed)
    }

    fn dead_letters<'a>(&'a self, filter: &'a DeadFilter) -> StoreResult<'a, Vec<DeadLetter>> {
        let read = self.store.dead_letters(filter);
        self.step(Step::Other("dead_letters"), read)
    }

    fn retry_dead<'a>(&'a self, filter: &'a DeadFilter) -> StoreResult<'a, u64> {
        self.step(Step::Other("retry_dead"), self.store.retry_dead(filter))
    }

    fn discard_dead<'a>(&'a self, filter: &'a DeadFilter) -> StoreResult<'a, u64> {
        let discarded = self.store.discard_dead(filter);
        self.step(Step::Other("discard_dead"), discarded)
    }

    fn trim(&self, retention: Duration, limit: usize) -> StoreResult<'_, Trimmed> {
        self.step(Step::Other("trim"), self.store.trim(retention, limit))
    }

    fn erase<'a>(&'a self, key: &'a str) -> StoreResult<'a, u64> {
        self.step(Step::Other("erase"), self.store.erase(key))
    }
}

impl fmt::Debug for FaultyStore {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("FaultyStore")
            .finish_non_exhaustive()
    }
}
