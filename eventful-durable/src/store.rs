//! The database behind durable events, as the engine sees it: log, cursors, leases and exceptions.
//!
//! # What is in a store
//!
//! - The *log*: the committed events, each with a [`Place`]. Positions grow in the order of the commits.
//! - *Scheduled* events, which have no place until they are due.
//! - A *subscription* for each handler: the names of the events that it takes, each with the position since which it
//!   takes them.
//! - One or more *partitions* of each subscription. A partition has a range of slots, a *cursor*, and a *lease*. All
//!   events of one key are in one partition.
//! - Rows for exceptions, by partition and position: *retries* (an event that waits, for whatever reason), *done* rows
//!   (a transactional handler has committed, and no acknowledgement has said so yet), and *notes* (an event is running,
//!   written in crash mode only).
//! - *Dead letters*, by subscription and id of the event, each with a full copy of the event.
//! - Announcements of workers, for fair shares and for people.
//!
//! # What every method promises
//!
//! Each method of [`Store`] is **one atomic step**: a process that dies in it, or a connection that breaks in it,
//! leaves all of it or nothing. A caller that gets an error does not know which. Every method may be called again after
//! an error; its documentation says what the second call then finds.
//!
//! No method may leave a lock behind that a stopped worker could hold for longer than its lease. So a step that others
//! wait for is one statement, or a transaction that the database ends by itself before the lease does.
//!
//! All instants are those of the store's clock, and are read once in a step. The engine hands over durations, never
//! instants of its own clock.
//!
//! # Fencing
//!
//! The holder of a lease has its [`Token`], which is random and never used twice. [`note`](Store::note),
//! [`acknowledge`](Store::acknowledge) and [`commit`](StoreTransaction::commit) write nothing, and answer
//! [`Verdict::Void`], if the token is not the one of the partition. The token stays valid after the lease has run out,
//! until somebody else has taken it: nobody is harmed by work that came late and alone.
//!
//! # Examples
//!
//! A worker's round by hand: it takes a lease, reads, and acknowledges. An event that was handled needs no row; one
//! that waits becomes a [`Retry`], and one that is given up a [`Dead`].
//!
//! ```
//! use std::collections::BTreeMap;
//! use std::time::Duration;
//!
//! use eventful::durable::store::{
//!     Acknowledgement, Acquire, Fetch, Fetched, Lease, Limit, Logged, Partition, Registered, Registration, Retry,
//!     Store, ToRegister, Token, Verdict, Wait,
//! };
//! use eventful::durable::{Memory, StartsFrom};
//! use eventful::event;
//! # use serde::{Deserialize, Serialize};
//!
//! #[event(durable, name = "order.placed")]
//! #[derive(Serialize, Deserialize)]
//! struct OrderPlaced {
//!     order_id: u64,
//! }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let store = Memory::new();
//! let mail = ToRegister {
//!     id: "mail.confirm".to_owned(),
//!     was: Vec::new(),
//!     names: BTreeMap::from([("order.placed".to_owned(), 1)]),
//!     from: StartsFrom::Now,
//!     replay: true,
//! };
//! let program = Registration { events: BTreeMap::new(), subscriptions: vec![mail] };
//! let Registered { added, .. } = store.register(&program).await?;
//! assert_eq!(added, ["mail.confirm"]);
//! for order_id in 1..=2 {
//!     let mut transaction = store.begin();
//!     OrderPlaced { order_id }.publish(&mut transaction).await?;
//!     transaction.commit();
//! }
//!
//! let acquire = Acquire {
//!     partition: Partition::first_of("mail.confirm"),
//!     token: Token::fresh(),
//!     worker: uuid::Uuid::new_v4(),
//!     ttl: Duration::from_secs(30),
//! };
//! let Lease { held, slots, cursor, .. } = store.acquire(&acquire).await?.expect("the lease is free");
//! store.advance().await?; // gives places to what is committed
//! let limit = Limit { events: 100, bytes: 1 << 20 };
//! let fetch = Fetch { after: cursor, slots, names: None, limit };
//! let Fetched { events, through } = store.fetch(&fetch).await?;
//! let [first, second]: [Logged; 2] = events.try_into().expect("two events");
//! assert_eq!(first.envelope.payload, br#"{"order_id":1}"#); // it is handled
//!
//! let mut acknowledgement = Acknowledgement::at(held.clone(), cursor);
//! acknowledgement.to = through;
//! acknowledgement.handled = 1;
//! acknowledgement.retries = vec![Retry {
//!     position: second.place.position,
//!     key: second.envelope.key.clone(),
//!     attempts: 1,
//!     wait: Wait::For(Duration::from_secs(1)),
//!     failures: Vec::new(),
//! }];
//! assert_eq!(store.acknowledge(&acknowledgement).await?, Verdict::Accepted);
//! assert_eq!(store.acknowledge(&acknowledgement).await?, Verdict::Void); // the cursor has moved
//! store.move_clock(Duration::from_secs(2));
//! let due = store.due(&held.partition, limit).await?;
//! assert_eq!(due.rows[0].position, second.place.position);
//! store.release(&[held]).await?;
//! # Ok(())
//! # }
//! ```

mod acknowledge;
mod bell;
mod change;
mod dead;
mod delivery;
mod error;
mod lease;
mod place;
mod registration;
mod state;
mod transaction;

use std::time::Duration;

use jiff::Timestamp;

use crate::{Append, AppendError, BoxFuture, Lends};

pub use self::acknowledge::{Acknowledgement, Dead, Retry, Wait};
pub use self::bell::{Bell, Listener};
pub use self::change::Change;
pub use self::dead::{DeadFilter, DeadLetter, Failure, FailureKind};
pub use self::delivery::{Advanced, Budget, Due, DueRetry, Fetch, Fetched, Limit, Logged};
pub use self::error::StoreError;
pub use self::lease::{Acquire, Company, Held, Lease, Needs, Outstanding, Suspect, Token, Verdict};
pub use self::place::{Partition, Place, Position, Slots};
pub use self::registration::{Announcement, Heard, Registered, Registration, ToRegister};
pub use self::state::{PartitionState, SubscriptionState, Trimmed};
pub use self::transaction::StoreTransaction;

/// The result of a step of a store.
///
/// # Examples
///
/// ```
/// use eventful::durable::store::{Store, StoreError, StoreResult};
/// use eventful::durable::{Memory, Timestamp};
///
/// fn clock(store: &dyn Store) -> StoreResult<'_, Timestamp> {
///     Box::pin(async move { store.now().await })
/// }
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), StoreError> {
/// assert!(clock(&Memory::new()).await? <= Timestamp::now());
/// # Ok(())
/// # }
/// ```
pub type StoreResult<'a, T> = BoxFuture<'a, Result<T, StoreError>>;

/// The database behind durable events.
///
/// The [module](self) says what is in it, and what all methods promise. `testing::conformance` checks an
/// implementation.
///
/// # Examples
///
/// ```standalone_crate
/// use std::time::Duration;
///
/// use eventful::durable::store::{Change, DeadFilter, PartitionState, Store, SubscriptionState, Trimmed};
/// # use eventful::durable::{HandlerError, Memory, Worker};
/// # use eventful::{Bus, event, handler};
/// # use serde::{Deserialize, Serialize};
/// #
/// # #[event(durable, name = "order.placed")]
/// # #[derive(Serialize, Deserialize)]
/// # struct OrderPlaced;
/// #
/// # #[handler(OrderPlaced, id = "mail.confirm")]
/// # fn confirm(_: &OrderPlaced) -> Result<(), HandlerError> { Err(HandlerError::permanent("no address")) }
/// #
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let store = Memory::new();
/// # let bus = Bus::isolated().with(confirm).build()?;
/// # let worker = Worker::builder(&bus, store.clone()).build().await?;
/// # let mut transaction = store.begin();
/// # OrderPlaced.publish(&mut transaction).await?;
/// # transaction.commit();
/// worker.run_until_idle().await?; // the event dies
/// let dead = DeadFilter { subscription: Some("mail.confirm".to_owned()), ..DeadFilter::default() };
/// assert_eq!(store.retry_dead(&dead).await?, 1);
/// worker.run_until_idle().await?; // and again
/// assert_eq!(store.discard_dead(&dead).await?, 1);
///
/// store.change("mail.confirm", &Change::Pause).await?;
/// let SubscriptionState { paused, partitions, .. } = &store.subscriptions().await?[0];
/// let PartitionState { lag, retries, .. } = &partitions[0];
/// assert!(*paused && *lag == 0 && *retries == 0);
///
/// let Trimmed { removed, .. } = store.trim(Duration::from_secs(60), 1_000).await?;
/// assert_eq!(removed, 0); // the event is younger
/// # Ok(())
/// # }
/// ```
pub trait Store: Send + Sync + 'static {
    /// Returns the facts of this store that the worker's build needs. They never change.
    fn facts(&self) -> Facts;

    /// Returns the bell that is rung when there may be something to do.
    ///
    /// A store rings it after what its own code has committed, and may ring it for other reasons. Nothing rests on it:
    /// workers look without it, too, only later.
    fn bell(&self) -> &Bell;

    /// Returns the instant of the store's clock.
    fn now(&self) -> StoreResult<'_, Timestamp>;

    /// Appends one event in a transaction of its own, and rings the bell.
    ///
    /// After an error, a second call may append the event twice, unless `append.once` is given: the id of the event is
    /// then the same, but stores need not refuse a second one.
    fn append(&self, append: Append) -> BoxFuture<'_, Result<(), AppendError>>;

    // Who hears what, and since when.

    /// Writes down what a program publishes and subscribes to. Programs do so when they start.
    ///
    /// In one transaction, for each subscription of `registration`:
    ///
    /// - It is known: names that are new to it are added. They are heard since the end of the log. No name is removed:
    ///   an older program must not take from a newer one. The rest is left as it is.
    /// - It is unknown, and one of `was` is known: that one gets this id, with its cursors, exceptions and dead
    ///   letters. Its leases are revoked. Then it is a known one.
    /// - It is unknown otherwise: it is added with one partition of all slots. The cursor is at the end of the log, or
    ///   at its beginning if the log has never had an event or `from` says so. All its names are heard since the
    ///   cursor.
    ///
    /// An id that a subscription had before a rename, by `was` or by [`Change::Rename`], is not added again: it is that
    /// of an older program, which leaves the work to newer ones. [`Change::Remove`] of the subscription frees it.
    ///
    /// The end of the log is the place of the last event that has one. Events that are committed but have no place yet
    /// come after it. Two programs that register at once leave what one after the other leaves. A second call changes
    /// nothing.
    fn register<'a>(&'a self, registration: &'a Registration) -> StoreResult<'a, Registered>;

    /// Writes down that a worker is there, and which leases it could take, for as long as `ttl`. Returns all workers
    /// that are there now, without this one. A `ttl` of zero withdraws it.
    ///
    /// Nothing's correctness rests on it. A crash leaves the announcement until its time is over.
    fn announce<'a>(
        &'a self,
        worker: &'a Announcement,
        ttl: Duration,
    ) -> StoreResult<'a, Vec<Announcement>>;

    // Leases.

    /// Takes the lease of a partition, if it is free: it was released or revoked, or it has run out. Returns `None` if
    /// it is held, if there is no such partition, or if the subscription is paused. It looks before it locks.
    ///
    /// First, in one transaction: the token becomes that of `acquire`, and the lease ends in `acquire.ttl`. If the
    /// lease before had run out without being released or revoked, each note that was alone counts one death more. No
    /// note is alone afterwards. If the cursor's place is not in the log, the cursor is set back to the beginning, as a
    /// replay: it is not known which of the events before it were handled, because their positions may have been given
    /// again. That does not happen where log and cursor fail over together; see [`Lease::set_back_from`].
    ///
    /// Then everything else of the [`Lease`] is read, the *done* rows above all: what was committed before the token
    /// changed is seen, and what was not is refused.
    ///
    /// A taken lease is on the disk before this returns. A crash leaves a lease that runs out; no note has changed
    /// since, so it harms nobody.
    fn acquire<'a>(&'a self, acquire: &'a Acquire) -> StoreResult<'a, Option<Lease>>;

    /// Lengthens leases to `ttl` from now. Returns those that are still held: the others are lost for good.
    ///
    /// It waits for nothing that a handler may hold, and never on a connection that a handler uses.
    fn renew<'a>(&'a self, held: &'a [Held], ttl: Duration) -> StoreResult<'a, Vec<Held>>;

    /// Gives leases back. Those that are lost are left alone.
    fn release<'a>(&'a self, held: &'a [Held]) -> StoreResult<'a, ()>;

    // Delivery.

    /// Moves the log on: appends the scheduled events that are due, and gives places to newly committed events where
    /// the store has to. Bounded: what is left over is for the next call. Any worker may call it at any time, several
    /// at once.
    fn advance(&self) -> StoreResult<'_, Advanced>;

    /// Reads the log behind a place, in order, without holding anything.
    ///
    /// Every event with a place in `(fetch.after, fetched.through]` that fits slots and names is among the events. An
    /// event that commits later never gets a place in it. `through` moves on also if no event fits. If there is one, at
    /// least one event is returned, whatever the limit.
    ///
    /// It fails if `after` is not in the log: a failover to a copy that lagged has given its position to another event,
    /// or to none yet. Without a step, which is 0 then, `after` is a position alone, and is not looked for.
    fn fetch<'a>(&'a self, fetch: &'a Fetch) -> StoreResult<'a, Fetched>;

    /// Reads the retries of a partition that may run now, in the order of their positions.
    ///
    /// A row is returned if it is due, and with it every earlier row of its key is returned: so a row that is not due,
    /// that is parked or stopped, or that did not fit shuts its key. A row without a key stands for itself. All rows
    /// are compared with one instant, or a row could overtake an earlier one of its key that was not due a moment
    /// before.
    fn due<'a>(&'a self, partition: &'a Partition, limit: Limit) -> StoreResult<'a, Due>;

    /// Notes events before they run. In crash mode only.
    ///
    /// It is on the disk before this returns. A note with the same position is replaced, and keeps its deaths.
    fn note<'a>(
        &'a self,
        held: &'a Held,
        positions: &'a [Position],
        company: Company,
    ) -> StoreResult<'a, Verdict>;

    /// Moves a cursor, with everything that its events have become, in one statement or in a transaction that waits for
    /// nobody:
    ///
    /// 1. Guard: the token holds, the cursor stands on `from`, and `from` and `to` are in the log. Else nothing is
    ///    written. `to` is not if the database has failed over to a copy that lacks it.
    /// 2. The cursor moves to `to`.
    /// 3. `retries` are inserted, or replace the row of their position. `wake` makes rows due now, parked and stopped
    ///    ones too. `done` rows are removed; a dead letter that was being retried goes with its row.
    /// 4. `dead` letters are inserted, or replace the dead letter of the same event. Their rows are removed, or
    ///    [stopped](Wait::Stopped) where they say so.
    /// 5. Notes of `ended` are removed.
    /// 6. *Done* rows of positions up to the cursor that have no retry are removed.
    /// 7. `append` is appended.
    ///
    /// It may be lost in a crash of the database, as if it had not been called, unless it has dead letters or appends.
    /// After an error, what was acknowledged is not known: the worker takes the lease anew.
    fn acknowledge<'a>(&'a self, acknowledgement: &'a Acknowledgement) -> StoreResult<'a, Verdict>;

    /// Begins a transaction for one event of a transactional handler, of at most [`Facts::transactions`] at once.
    ///
    /// A crash rolls it back. A caller that drops it rolls it back.
    fn begin<'a>(&'a self, held: &'a Held) -> StoreResult<'a, Box<dyn StoreTransaction>>;

    // For people.

    /// Reads the state of all subscriptions, in the order of their ids, as it is stored at one instant.
    fn subscriptions(&self) -> StoreResult<'_, Vec<SubscriptionState>>;

    /// Changes a subscription: see [`Change`], where each one says what it does. An unknown subscription is an error.
    fn change<'a>(&'a self, subscription: &'a str, change: &'a Change) -> StoreResult<'a, ()>;

    /// Reads dead letters, the oldest death first, then by subscription and id of the event.
    fn dead_letters<'a>(&'a self, filter: &'a DeadFilter) -> StoreResult<'a, Vec<DeadLetter>>;

    /// Makes retries, due now and with no attempt made, of the dead letters that fit. Returns their number. The dead
    /// letter stays until the retry is done, and its copy of the event is used if the log has lost it. A dead letter
    /// whose retry is waiting already is counted, and left alone.
    fn retry_dead<'a>(&'a self, filter: &'a DeadFilter) -> StoreResult<'a, u64>;

    /// Removes the dead letters that fit, with the retries that stand for them. Returns their number. If such a retry
    /// was [stopped](Wait::Stopped), the lease of its partition is revoked, so that its worker learns that the key is
    /// open.
    fn discard_dead<'a>(&'a self, filter: &'a DeadFilter) -> StoreResult<'a, u64>;

    /// Removes the oldest events of the log: those that were appended more than `retention` ago, and lie before the
    /// least of all cursors and of all positions that have a retry. Bounded by `limit`. Words of [`Append::once`] that
    /// are as old go too.
    ///
    /// The event on which a cursor stands stays, and so does the last event of the log; its position is never given
    /// again. [`Change::Replay`] and this exclude each other.
    fn trim(&self, retention: Duration, limit: usize) -> StoreResult<'_, Trimmed>;

    /// Empties the payload of every event with this key, in the log, among scheduled events and dead letters; and their
    /// failures' texts. No handler sees them again. Returns their number.
    fn erase<'a>(&'a self, key: &'a str) -> StoreResult<'a, u64>;
}

/// Facts of a store.
///
/// # Examples
///
/// ```
/// use eventful::durable::Memory;
/// use eventful::durable::store::{Facts, Store};
///
/// let Facts { lends, transactions } = Memory::new().facts();
/// assert!(lends.is_some_and(|lends| lends.type_name.ends_with("MemoryTransaction")));
/// assert!(transactions > 1); // many at once
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Facts {
    /// The type that transactional handlers are lent, if the store has transactions to lend.
    pub lends: Option<Lends>,
    /// The most transactions of [`Store::begin`] at once in a process: below the size of the pool, 1 for a database
    /// with one writer. 0 if the pool is too small: then a worker with a transactional handler cannot be built.
    pub transactions: usize,
}
