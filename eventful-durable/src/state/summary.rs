//! Subscriptions in a few words.

use std::time::Duration;

use uuid::Uuid;

use crate::store::{Store, StoreError, SubscriptionState};

/// The state of a subscription in a few words, over all its parts.
///
/// # Examples
///
/// ```
/// use eventful::durable::state::{Summary, Warning};
///
/// /// The subscriptions that a person has to look at.
/// fn alarming(summaries: &[Summary]) -> Vec<&str> {
///     let is_alarming = |it: &&Summary| it.dead > 0 || it.warnings.contains(&Warning::Failing);
///     summaries.iter().filter(is_alarming).map(|it| it.subscription.as_str()).collect()
/// }
/// assert!(alarming(&[]).is_empty());
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Summary {
    /// The id.
    pub subscription: String,
    /// The number of events in the log that it has still to come to.
    pub lag: u64,
    /// The age of the oldest of them.
    pub oldest: Option<Duration>,
    /// The number of events that wait for a retry.
    pub retries: u64,
    /// The number of dead letters.
    pub dead: u64,
    /// The number of events that it has handled since it began.
    pub handled: u64,
    /// The workers that hold its parts.
    pub owners: Vec<Uuid>,
    /// The warnings for a person.
    pub warnings: Vec<Warning>,
}

/// Something that a person should know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Warning {
    /// So many retries are outstanding that its cursor stands still.
    Failing,
    /// A person has paused it.
    Paused,
    /// So many events wait for a worker that knows them.
    Parked(u64),
    /// So many parts are held by nobody, although they have something to do.
    Unowned(usize),
    /// It delivers events again.
    Replaying,
}

/// The events that a subscription handles in a second, between two looks.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rate(pub f64);

/// Reads the summaries of all subscriptions, in the order of their ids.
///
/// # Errors
///
/// If the store fails.
///
/// # Examples
///
/// ```standalone_crate
/// use eventful::durable::{Memory, Worker, state};
/// # use eventful::{Bus, event, handler};
/// # use serde::{Deserialize, Serialize};
/// #
/// # #[event(durable, name = "order.placed")]
/// # #[derive(Serialize, Deserialize)]
/// # struct OrderPlaced;
/// #
/// # #[handler(OrderPlaced, id = "mail.confirm")]
/// # fn confirm(_: &OrderPlaced) {}
/// #
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let store = Memory::new();
/// # let bus = Bus::isolated().with(confirm).build()?;
/// # let worker = Worker::builder(&bus, store.clone()).build().await?;
/// # let mut transaction = store.begin();
/// # OrderPlaced.publish(&mut transaction).await?;
/// # transaction.commit();
/// worker.run_until_idle().await?;
/// for summary in state::summaries(&store).await? {
///     println!("{}: {} behind, {} dead", summary.subscription, summary.lag, summary.dead);
///     assert!(summary.warnings.is_empty());
/// }
/// # Ok(())
/// # }
/// ```
pub async fn summaries(store: &dyn Store) -> Result<Vec<Summary>, StoreError> {
    let states = store.subscriptions().await?;
    Ok(states.iter().map(Summary::of).collect())
}

impl Summary {
    fn of(state: &SubscriptionState) -> Self {
        let partitions = &state.partitions;
        let mut owners: Vec<_> = partitions.iter().filter_map(|it| it.owner).collect();
        owners.sort_unstable();
        owners.dedup();
        Self {
            subscription: state.id.clone(),
            lag: partitions.iter().map(|it| it.lag).max().unwrap_or(0),
            oldest: partitions.iter().filter_map(|it| it.oldest).max(),
            retries: partitions.iter().map(|it| it.retries).sum(),
            dead: state.dead,
            handled: partitions.iter().map(|it| it.handled).sum(),
            owners,
            warnings: warnings(state),
        }
    }

    /// Returns the rate since an earlier look at the same subscription.
    ///
    /// # Examples
    ///
    /// ```standalone_crate
    /// use std::time::Duration;
    ///
    /// use eventful::durable::state::{self, Rate};
    /// use eventful::durable::{Memory, Worker};
    /// # use eventful::{Bus, event, handler};
    /// # use serde::{Deserialize, Serialize};
    /// #
    /// # #[event(durable, name = "order.placed")]
    /// # #[derive(Serialize, Deserialize)]
    /// # struct OrderPlaced;
    /// #
    /// # #[handler(OrderPlaced, id = "mail.confirm")]
    /// # fn confirm(_: &OrderPlaced) {}
    /// #
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let store = Memory::new();
    /// # let bus = Bus::isolated().with(confirm).build()?;
    /// # let worker = Worker::builder(&bus, store.clone()).build().await?;
    /// let before = state::summaries(&store).await?;
    /// # let mut transaction = store.begin();
    /// # OrderPlaced.publish(&mut transaction).await?;
    /// # transaction.commit();
    /// worker.run_until_idle().await?;
    /// let after = state::summaries(&store).await?;
    /// assert_eq!(after[0].rate_since(&before[0], Duration::from_secs(4)), Rate(0.25));
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn rate_since(&self, earlier: &Self, time: Duration) -> Rate {
        let handled = self.handled.saturating_sub(earlier.handled);
        let handled = u32::try_from(handled).unwrap_or(u32::MAX);
        Rate(f64::from(handled) / time.as_secs_f64().max(f64::EPSILON))
    }
}

fn warnings(state: &SubscriptionState) -> Vec<Warning> {
    let partitions = &state.partitions;
    let parked: u64 = partitions.iter().map(|it| it.parked).sum();
    let has_work = |it: &&crate::store::PartitionState| it.lag > 0 || it.retries > it.parked;
    let unowned = partitions
        .iter()
        .filter(|it| it.owner.is_none())
        .filter(has_work)
        .count();
    let replays = partitions
        .iter()
        .any(|it| it.replayed_through > Some(it.cursor.position));
    let failing = partitions.iter().any(|it| it.failing);
    [
        failing.then_some(Warning::Failing),
        state.paused.then_some(Warning::Paused),
        (parked > 0).then_some(Warning::Parked(parked)),
        (unowned > 0).then_some(Warning::Unowned(unowned)),
        replays.then_some(Warning::Replaying),
    ]
    .into_iter()
    .flatten()
    .collect()
}
