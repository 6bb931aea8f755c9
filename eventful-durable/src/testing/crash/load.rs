//! The load of a run: what its publishers and handlers do.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::environment;

/// The load of a run, which the controller hands to its children.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Load {
    /// The connections of each publisher.
    pub(super) connections: usize,
    /// The number of keys.
    pub(super) keys: u64,
    /// The longest sleep before and after each append.
    pub(super) sleep: Duration,
    /// The share of transactions that write before they lock their key.
    pub(super) early_percent: u64,
    /// The time for which the transactions of one publisher stay open.
    pub(super) long_transaction: Option<Duration>,
    /// The share of attempts that fail of those handlers that have no reason to.
    pub(super) failing_percent: u64,
    /// The longest time that a handler takes, and the share of attempts that take time.
    pub(super) handling: Duration,
    pub(super) slow_percent: u64,
}

impl Default for Load {
    fn default() -> Self {
        Self {
            connections: 1,
            keys: 12,
            sleep: Duration::ZERO,
            early_percent: 0,
            long_transaction: None,
            failing_percent: 0,
            handling: Duration::from_millis(4),
            slow_percent: 20,
        }
    }
}

impl Load {
    /// The load of the run that this process is a child of.
    pub(super) fn of_this_process() -> Self {
        let Some(text) = environment::load() else {
            return Self::default();
        };
        serde_json::from_str(&text).expect("the controller has written it")
    }

    pub(super) fn to_text(&self) -> String {
        serde_json::to_string(self).expect("it has no maps")
    }
}
