//! The facts that programs and workers write down about themselves.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Partition, Position};
use crate::StartsFrom;

/// The durable events and subscriptions of a program.
#[derive(Clone, Debug, Default)]
pub struct Registration {
    /// The names of its events, each with the newest version that it knows.
    pub events: BTreeMap<String, u32>,
    /// Its subscriptions, without those that every process has for itself.
    pub subscriptions: Vec<ToRegister>,
}

/// A subscription of a program.
#[derive(Clone, Debug)]
pub struct ToRegister {
    /// The id.
    pub id: String,
    /// Earlier ids.
    pub was: Vec<String>,
    /// The names of the events it takes, each with the newest version that the program can decode.
    pub names: BTreeMap<String, u32>,
    /// The place at which it begins in a store that is in use.
    pub from: StartsFrom,
    /// True if [`Change::Replay`](super::Change::Replay) is accepted. The latest registration decides.
    pub replay: bool,
}

/// The changes that a registration has made.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Registered {
    /// The ids that were added.
    pub added: Vec<String>,
    /// The subscriptions that got another id: the earlier and the new one.
    pub renamed: Vec<(String, String)>,
    /// The ids that were not added, because a subscription had them before it was renamed: the earlier and the new one.
    pub older: Vec<(String, String)>,
    /// The names that subscriptions got in addition: the id and the name.
    pub grown: Vec<(String, String)>,
}

/// A name that a subscription takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Heard {
    /// The position behind which it takes events of this name.
    pub since: Position,
    /// The newest version that a program has registered.
    pub version: u32,
}

/// A worker that is there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Announcement {
    /// The id of the worker: another one at each start.
    pub worker: Uuid,
    /// A text for people: host and process.
    pub label: String,
    /// The subscriptions that it can run, each with the names and versions that it can decode.
    pub knows: BTreeMap<String, BTreeMap<String, u32>>,
    /// The partitions that it holds.
    pub holds: Vec<Partition>,
}
