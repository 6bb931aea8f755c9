//! The state of subscriptions, for people.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;
use uuid::Uuid;

use super::{Heard, Partition, Place, Position, Slots};

/// The state of a subscription, as it is stored.
#[derive(Clone, Debug)]
pub struct SubscriptionState {
    /// The id.
    pub id: String,
    /// The names of the events it takes.
    pub names: BTreeMap<String, Heard>,
    /// True if a person has paused it.
    pub paused: bool,
    /// True if a replay is accepted.
    pub replay: bool,
    /// The instant at which a program registered it last.
    pub registered_at: Timestamp,
    /// The number of dead letters.
    pub dead: u64,
    /// The parts, in the order of their numbers.
    pub partitions: Vec<PartitionState>,
}

/// The state of a part of a subscription.
#[derive(Clone, Debug)]
pub struct PartitionState {
    /// The partition.
    pub partition: Partition,
    /// The slots.
    pub slots: Slots,
    /// The place that it has come to.
    pub cursor: Place,
    /// The last position that is delivered again.
    pub replayed_through: Option<Position>,
    /// The worker whose lease has not run out.
    pub owner: Option<Uuid>,
    /// The time until the lease runs out.
    pub leased_for: Option<Duration>,
    /// The number of events in the log that it has still to come to, of any name. At most, a store may say, some bound.
    pub lag: u64,
    /// The time since the oldest of them was appended.
    pub oldest: Option<Duration>,
    /// The number of retries.
    pub retries: u64,
    /// The number of retries that are parked.
    pub parked: u64,
    /// The number of events that were handled since it began.
    pub handled: u64,
    /// True if the cursor stands still because too many retries are outstanding.
    pub failing: bool,
}

/// The outcome of [`Store::trim`](super::Store::trim).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Trimmed {
    /// The number of events that were removed.
    pub removed: u64,
    /// The partition that keeps events in the log which are older than the retention, and the position that it needs.
    pub held_by: Option<(Partition, Position)>,
}
