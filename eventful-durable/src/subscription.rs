//! A handler as the worker sees it.

use std::any::TypeId;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::{Handle, OnDead};

/// A handler with an id, and the names of the events that it takes.
///
/// # Examples
///
/// ```standalone_crate
/// use eventful::durable::{self, StartsFrom, Subscription};
/// use eventful::{Bus, event, handler};
/// # use serde::{Deserialize, Serialize};
///
/// # #[event(durable, name = "order.placed")]
/// # #[derive(Serialize, Deserialize)]
/// # struct OrderPlaced;
/// #
/// #[handler(OrderPlaced, id = "mail.confirm", was = "mail.thanks", from = "beginning")]
/// fn confirm(_: &OrderPlaced) {}
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let bus = Bus::isolated().with(confirm).build()?;
/// let subscriptions: Vec<Subscription> = durable::registered_subscriptions(&bus)?;
/// assert_eq!(subscriptions[0].was, ["mail.thanks"]);
/// assert_eq!(subscriptions[0].from, StartsFrom::Beginning);
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Subscription {
    /// The written id of the handler.
    pub id: String,
    /// Earlier ids, whose cursor this subscription takes over.
    pub was: Vec<String>,
    /// The names of the events it takes, each with the newest version that this program can decode.
    pub names: BTreeMap<String, u32>,
    /// The place in the log at which it begins, in a store that is in use.
    pub from: StartsFrom,
    /// The settings under which it runs. The worker may say otherwise.
    pub settings: Settings,
    /// The transaction that the handler wants to be lent, if it does.
    pub lends: Option<Lends>,
    /// True if every process has this subscription for itself: from now on, without a stored cursor.
    pub each_process: bool,
    /// True if a replay may include it.
    pub replay: bool,
    /// The source line of the handler, `src/mail.rs:12`.
    pub defined_at: String,
    /// The handler.
    pub handler: Arc<dyn Handle>,
    /// The function for its dead letters, if it has one.
    pub on_dead: Option<Arc<dyn OnDead>>,
}

/// The type of the transaction that a handler is lent.
///
/// # Examples
///
/// ```
/// use std::any::{TypeId, type_name};
///
/// use eventful::durable::store::Store;
/// use eventful::durable::{Lends, Memory, MemoryTransaction};
///
/// let wanted = Lends { type_id: TypeId::of::<MemoryTransaction>(), type_name: type_name::<MemoryTransaction>() };
/// assert!(Memory::new().facts().lends.is_some_and(|lends| lends.type_id == wanted.type_id));
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Lends {
    /// The type behind the `&mut`.
    pub type_id: TypeId,
    /// Its name.
    pub type_name: &'static str,
}

/// The place in the log at which a subscription begins that is new to a store in use.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum StartsFrom {
    /// With what is published after it was registered.
    #[default]
    Now,
    /// With the oldest event of the log.
    Beginning,
}

/// The settings under which a subscription runs. `None` is the worker's default.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    /// When a failed event is tried again.
    pub retry: RetryPolicy,
    /// The longest time of one attempt.
    pub timeout: Option<Duration>,
    /// The most keys that are handled at once.
    pub concurrency: Option<usize>,
    /// The effect of a dead letter on the later events of its key.
    pub when_dead: Option<WhenDead>,
}

/// When a failed event is tried again. `None` is the default of the worker.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RetryPolicy {
    /// The most attempts, the first included.
    pub attempts: Option<u32>,
    /// The pause before the second attempt. It doubles from attempt to attempt.
    pub first: Option<Duration>,
    /// The longest pause between two attempts.
    pub longest: Option<Duration>,
    /// The time after the first attempt in which a retry may begin.
    pub keep_trying_for: Option<Duration>,
}

/// The effect of a dead letter on the later events of its key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WhenDead {
    /// They go on.
    GoOn,
    /// They wait until a person retries or discards the dead letter.
    Stop,
}

impl fmt::Debug for Subscription {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Subscription")
            .field("id", &self.id)
            .field("names", &self.names)
            .finish_non_exhaustive()
    }
}
