//! What a program gives to a worker.

use std::collections::BTreeMap;

use crate::Subscription;

/// The durable events and subscriptions of a program: what a worker is built from.
///
/// A list of subscriptions is one, and the bus of a program becomes one.
#[derive(Clone, Debug, Default)]
pub struct Program {
    /// The subscriptions.
    pub subscriptions: Vec<Subscription>,
    /// The names of the events that the program knows, each with its newest version, besides those of the
    /// subscriptions.
    pub events: BTreeMap<String, u32>,
    /// The faults that were found before, such as a gap in a chain of upcasts. They are reported by the worker's build.
    pub faults: Vec<String>,
}

impl From<Vec<Subscription>> for Program {
    fn from(subscriptions: Vec<Subscription>) -> Self {
        Self {
            subscriptions,
            ..Self::default()
        }
    }
}
