//! Dead letters, and the failures that led to them.

use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::Position;
use crate::Envelope;

/// An event that a subscription has given up.
///
/// # Examples
///
/// ```standalone_crate
/// use eventful::durable::store::{DeadFilter, DeadLetter, Failure, FailureKind, Store};
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
/// worker.run_until_idle().await?;
/// let dead = store.dead_letters(&DeadFilter::default()).await?;
/// let DeadLetter { subscription, attempts, failures, .. } = &dead[0];
/// assert_eq!((subscription.as_str(), *attempts), ("mail.confirm", 1));
/// let Failure { kind, text, .. } = &failures[0];
/// assert_eq!((*kind, text.as_str()), (FailureKind::Failed, "no address"));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct DeadLetter {
    /// The id of the subscription.
    pub subscription: String,
    /// The position that the event had in the log.
    pub position: Position,
    /// The event, in full.
    pub envelope: Arc<Envelope>,
    /// The number of attempts that were made.
    pub attempts: u32,
    /// The attempts that failed, as far as they are kept.
    pub failures: Vec<Failure>,
    /// The reason, for people.
    pub reason: String,
    /// The instant at which it was given up.
    pub died_at: Timestamp,
    /// True if a retry for it is waiting.
    pub is_retried: bool,
}

/// A failed attempt, as it is stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// The number of the attempt, from 1.
    pub attempt: u32,
    /// The instant at which it ended, by the worker's idea of the store's clock.
    pub at: Timestamp,
    /// The kind of failure.
    pub kind: FailureKind,
    /// The error with its sources, or the text of the panic.
    pub text: String,
}

/// The kind of a failed attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FailureKind {
    /// The handler returned an error.
    Failed,
    /// The handler panicked.
    Panicked,
    /// The handler took longer than its timeout.
    TimedOut,
    /// The event did not decode.
    NotDecoded,
    /// The process died while the event ran alone in it.
    KilledTheWorker,
}

/// A choice of dead letters. Everything that is given has to fit.
#[derive(Clone, Debug, Default)]
pub struct DeadFilter {
    /// The id of the subscription.
    pub subscription: Option<String>,
    /// The id of the event.
    pub event: Option<Uuid>,
    /// The name of the event.
    pub name: Option<String>,
    /// The key of the event.
    pub key: Option<String>,
    /// The instant from which on it died.
    pub died_from: Option<Timestamp>,
    /// The instant before which it died.
    pub died_before: Option<Timestamp>,
    /// The dead letter behind which the page begins: instant of the death, subscription and id of the event.
    pub after: Option<(Timestamp, String, Uuid)>,
    /// The most dead letters.
    pub limit: Option<usize>,
}
