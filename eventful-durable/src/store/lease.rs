//! The lease of a partition.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Heard, Partition, Place, Position, Slots};

/// The random value without which a write under a lease is void.
///
/// # Examples
///
/// ```
/// use eventful::durable::store::Token;
///
/// assert_ne!(Token::fresh(), Token::fresh());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Token(pub Uuid);

/// A wish for a lease.
#[derive(Clone, Debug)]
pub struct Acquire {
    /// The partition.
    pub partition: Partition,
    /// A fresh token.
    pub token: Token,
    /// The worker that asks, for people.
    pub worker: Uuid,
    /// The time after which the lease runs out.
    pub ttl: Duration,
}

/// A partition, and the token under which it is held.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Held {
    /// The partition.
    pub partition: Partition,
    /// The token.
    pub token: Token,
}

/// A lease that was taken, and what the partition was left with.
///
/// # Examples
///
/// ```
/// use eventful::durable::store::{Company, Held, Lease, Outstanding, Suspect};
///
/// /// The company in which a worker runs the events that were running when the one before it died.
/// fn company(lease: &Lease) -> Company {
///     let Held { partition, .. } = &lease.held;
///     match lease.suspects.as_slice() {
///         [] => Company::Others,
///         [Suspect { position, deaths }, ..] => {
///             println!("{partition}: {position} has killed {deaths} workers");
///             Company::Alone
///         }
///     }
/// }
///
/// /// The events that wait for a newer program.
/// fn parked(lease: &Lease) -> impl Iterator<Item = &Outstanding> {
///     lease.outstanding.iter().filter(|retry| retry.parked.is_some())
/// }
/// # let _ = (company, |lease: &Lease| parked(lease).count());
/// ```
#[derive(Clone, Debug)]
pub struct Lease {
    /// The partition and the token.
    pub held: Held,
    /// The slots of the partition.
    pub slots: Slots,
    /// The place that it has come to.
    pub cursor: Place,
    /// The names that the subscription takes.
    pub names: BTreeMap<String, Heard>,
    /// The position up to which events are delivered again because a person asked for it. It stays when the cursor has
    /// passed it, for the retries.
    pub replayed_through: Option<Position>,
    /// The retries of the partition, in the order of their positions.
    pub outstanding: Vec<Outstanding>,
    /// The positions whose transactional handler has committed, and that no acknowledgement has settled.
    pub done: BTreeSet<Position>,
    /// True if the lease before ran out without being released or revoked: its worker has died, or was cut off.
    pub ended_without_release: bool,
    /// The notes that an earlier lease has left: what was running when a worker died.
    pub suspects: Vec<Suspect>,
    /// The place of the cursor that was no longer in the log, where the cursor had to be set back.
    pub set_back_from: Option<Place>,
}

/// A retry, as far as it is needed to keep its key shut.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outstanding {
    /// The position of the event.
    pub position: Position,
    /// The key of the event.
    pub key: Option<String>,
    /// The knowledge that a worker needs to handle it, if the event is parked.
    pub parked: Option<Needs>,
}

/// The knowledge that a program needs to handle an event.
///
/// # Examples
///
/// ```
/// use std::collections::BTreeMap;
///
/// use eventful::durable::store::{Announcement, Needs};
///
/// /// True if this worker can handle what another one could not.
/// fn can_help(worker: &Announcement, subscription: &str, needs: &Needs) -> bool {
///     let known = worker.knows.get(subscription).and_then(|names| names.get(&needs.name));
///     known.is_some_and(|version| *version >= needs.version)
/// }
///
/// let worker = Announcement {
///     worker: uuid::Uuid::new_v4(),
///     label: "mail-1".to_owned(),
///     knows: BTreeMap::from([("mail.confirm".to_owned(), BTreeMap::from([("order.placed".to_owned(), 2)]))]),
///     holds: Vec::new(),
/// };
/// let needs = Needs { name: "order.placed".to_owned(), version: 3 };
/// assert!(!can_help(&worker, "mail.confirm", &needs));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Needs {
    /// The name of the event.
    pub name: String,
    /// The version of the event.
    pub version: u32,
}

/// An event that was running when a worker died.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Suspect {
    /// The position of the event.
    pub position: Position,
    /// The number of workers that died while it ran alone.
    pub deaths: u32,
}

/// The other events that run in the process while a noted one does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Company {
    /// There may be others: a death proves nothing.
    Others,
    /// There is none: a death counts.
    Alone,
}

/// The answer to a write under a lease.
#[must_use]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It was written.
    Accepted,
    /// The token, or the place that it stands on, does not hold. Nothing was written.
    Void,
}

impl Token {
    /// Makes a token that was never used.
    #[must_use]
    pub fn fresh() -> Self {
        Self(Uuid::new_v4())
    }
}
