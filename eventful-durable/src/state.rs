//! The state of subscriptions, and what people do about it: functions over a [`Store`].
//!
//! Dead letters are listed, retried and discarded by the store itself, with a [`DeadFilter`].

mod summary;

use std::collections::BTreeSet;

use jiff::Timestamp;

use crate::store::{
    Announcement, Change, DeadFilter, DeadLetter, Fetch, Limit, Place, Position, Slots, Store,
    StoreError,
};

pub use self::summary::{Rate, Summary, Warning, summaries};

/// Stops the deliveries of a subscription until it is resumed. What runs ends within some seconds.
///
/// # Errors
///
/// If there is no such subscription, or the store fails.
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
/// state::pause(&store, "mail.confirm").await?;
/// # let mut transaction = store.begin();
/// # OrderPlaced.publish(&mut transaction).await?;
/// # transaction.commit();
/// worker.run_until_idle().await?;
/// let mail = &state::summaries(&store).await?[0];
/// assert_eq!((mail.lag, mail.handled), (1, 0));
/// assert!(mail.warnings.contains(&state::Warning::Paused));
/// # Ok(())
/// # }
/// ```
pub async fn pause(store: &dyn Store, subscription: &str) -> Result<(), StoreError> {
    store.change(subscription, &Change::Pause).await
}

/// Resumes the deliveries of a subscription.
///
/// # Errors
///
/// If there is no such subscription, or the store fails.
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
/// state::pause(&store, "mail.confirm").await?;
/// # let mut transaction = store.begin();
/// # OrderPlaced.publish(&mut transaction).await?;
/// # transaction.commit();
/// state::resume(&store, "mail.confirm").await?;
/// worker.run_until_idle().await?;
/// assert_eq!(state::summaries(&store).await?[0].handled, 1);
/// # Ok(())
/// # }
/// ```
pub async fn resume(store: &dyn Store, subscription: &str) -> Result<(), StoreError> {
    store.change(subscription, &Change::Resume).await
}

/// Gives a subscription another id. The program has to have a handler with that id.
///
/// # Errors
///
/// If there is no such subscription, the id is taken, or the store fails.
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
/// # drop(worker);
/// state::rename(&store, "mail.confirm", "mail.confirmation").await?;
/// assert_eq!(state::summaries(&store).await?[0].subscription, "mail.confirmation");
/// # Ok(())
/// # }
/// ```
pub async fn rename(store: &dyn Store, from: &str, to: &str) -> Result<(), StoreError> {
    store.change(from, &Change::Rename(to.to_owned())).await
}

/// Removes a subscription with everything that belongs to it.
///
/// # Errors
///
/// If there is no such subscription, or the store fails.
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
/// # drop(worker);
/// state::remove(&store, "mail.confirm").await?;
/// assert!(state::summaries(&store).await?.is_empty());
/// # Ok(())
/// # }
/// ```
pub async fn remove(store: &dyn Store, subscription: &str) -> Result<(), StoreError> {
    store.change(subscription, &Change::Remove).await
}

/// Divides each partition of a subscription into `parts`, so that as many workers can run it. It may run meanwhile.
///
/// # Errors
///
/// If there is no such subscription, there are fewer slots, or the store fails.
///
/// # Examples
///
/// ```standalone_crate
/// use eventful::durable::store::Store;
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
/// # drop(worker);
/// state::split(&store, "mail.confirm", 4).await?; // up to four workers run it now
/// let mail = &store.subscriptions().await?[0];
/// assert_eq!(mail.partitions.len(), 4);
/// # Ok(())
/// # }
/// ```
pub async fn split(store: &dyn Store, subscription: &str, parts: u32) -> Result<(), StoreError> {
    store.change(subscription, &Change::Split(parts)).await
}

/// Makes one partition of those of a subscription, so that one worker runs it. It may run meanwhile.
///
/// # Errors
///
/// If there is no such subscription, the partitions are more than [`Change::JOINED_AT_MOST`] events apart, or the store
/// fails.
///
/// # Examples
///
/// ```standalone_crate
/// use eventful::durable::store::Store;
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
/// # drop(worker);
/// state::split(&store, "mail.confirm", 4).await?;
/// state::join(&store, "mail.confirm").await?;
/// let mail = &store.subscriptions().await?[0];
/// assert_eq!(mail.partitions.len(), 1);
/// # Ok(())
/// # }
/// ```
pub async fn join(store: &dyn Store, subscription: &str) -> Result<(), StoreError> {
    store.change(subscription, &Change::Join).await
}

/// The place from which on events are delivered again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReplayFrom {
    /// The oldest event of the log.
    Beginning,
    /// The event at this position.
    Position(Position),
    /// The first event of the log that was published at or after this instant, by its publisher's clock.
    Instant(Timestamp),
}

/// Delivers events again to a subscription. Handlers are told that it is a replay.
///
/// # Errors
///
/// If there is no such subscription, it refuses replays, or the store fails.
///
/// # Examples
///
/// ```standalone_crate
/// use eventful::durable::state::{self, ReplayFrom};
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
/// # let mut transaction = store.begin();
/// # OrderPlaced.publish(&mut transaction).await?;
/// # transaction.commit();
/// worker.run_until_idle().await?;
/// state::replay(&store, "mail.confirm", ReplayFrom::Beginning).await?;
/// worker.run_until_idle().await?;
/// assert_eq!(state::summaries(&store).await?[0].handled, 2);
/// # Ok(())
/// # }
/// ```
pub async fn replay(
    store: &dyn Store,
    subscription: &str,
    from: ReplayFrom,
) -> Result<(), StoreError> {
    let before = match from {
        ReplayFrom::Beginning => Position(0),
        ReplayFrom::Position(position) => Position(position.0.saturating_sub(1)),
        ReplayFrom::Instant(instant) => last_before(store, instant).await?,
    };
    store.change(subscription, &Change::Replay(before)).await
}

/// The position of the last event before the first one that was published at or after an instant.
async fn last_before(store: &dyn Store, instant: Timestamp) -> Result<Position, StoreError> {
    let mut fetch = Fetch {
        after: Place::BEGINNING,
        slots: Slots::ALL,
        names: None,
        limit: Limit {
            events: 500,
            bytes: 16 * 1024 * 1024,
        },
    };
    loop {
        let fetched = store.fetch(&fetch).await?;
        for event in &fetched.events {
            if event.envelope.occurred_at >= instant {
                return Ok(fetch.after.position);
            }
            fetch.after = event.place;
        }
        if fetched.events.is_empty() {
            return Ok(fetch.after.position);
        }
    }
}

/// Reads a page of dead letters, behind the last one of the page before.
///
/// # Errors
///
/// If the store fails.
///
/// # Examples
///
/// ```standalone_crate
/// use eventful::durable::state;
/// use eventful::durable::store::DeadFilter;
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
/// # for _ in 0..3 {
/// #     let mut transaction = store.begin();
/// #     OrderPlaced.publish(&mut transaction).await?;
/// #     transaction.commit();
/// # }
/// worker.run_until_idle().await?;
/// let all = DeadFilter::default();
/// let first = state::dead_letters(&store, &all, None, 2).await?;
/// let second = state::dead_letters(&store, &all, first.last(), 2).await?;
/// assert_eq!((first.len(), second.len()), (2, 1));
/// # Ok(())
/// # }
/// ```
pub async fn dead_letters(
    store: &dyn Store,
    filter: &DeadFilter,
    behind: Option<&DeadLetter>,
    limit: usize,
) -> Result<Vec<DeadLetter>, StoreError> {
    let mut filter = filter.clone();
    filter.limit = Some(limit);
    if let Some(last) = behind {
        let last = (last.died_at, last.subscription.clone(), last.envelope.id);
        filter.after = Some(last);
    }
    store.dead_letters(&filter).await
}

/// Returns the ids of the subscriptions that none of these workers has.
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
/// # drop(worker);
/// let workers = []; // those of the store: `store.announce(…)` returns them
/// let unclaimed = state::unclaimed(&store, &workers).await?;
/// assert!(unclaimed.contains("mail.confirm"));
/// # Ok(())
/// # }
/// ```
pub async fn unclaimed(
    store: &dyn Store,
    workers: &[Announcement],
) -> Result<BTreeSet<String>, StoreError> {
    let states = store.subscriptions().await?;
    let is_claimed = |id: &String| workers.iter().any(|worker| worker.knows.contains_key(id));
    let ids = states.into_iter().map(|state| state.id);
    Ok(ids.filter(|id| !is_claimed(id)).collect())
}
