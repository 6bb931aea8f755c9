//! A family of events in a wiring.

use crate::handler::CATCH_ALL;
use crate::{WiredHandler, WiredPosition};

/// Events with one trait, which handlers name together.
///
/// # Examples
///
/// ```
/// use eventful::{Bus, event, family, handler};
///
/// #[family]
/// trait Auditable {}
///
/// #[event(name = "order.created", as(dyn Auditable))]
/// struct OrderCreated;
///
/// impl Auditable for OrderCreated {}
///
/// #[handler(dyn Auditable)]
/// fn audit(_: &dyn Auditable) {}
///
/// #[handler(OrderCreated)]
/// fn update_cache(_: &OrderCreated) {}
///
/// let wiring = Bus::isolated().with(audit).with(update_cache).build()?.wiring();
/// let family = &wiring.families()[0];
/// assert!(family.name().ends_with("Auditable"));
/// assert_eq!(family.members(), ["order.created"]);
/// # Ok::<(), eventful::WiringError>(())
/// ```
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct WiredFamily {
    pub(crate) name: String,
    pub(crate) position: Option<WiredPosition>,
    pub(crate) is_async: bool,
    pub(crate) is_durable: bool,
    pub(crate) members: Vec<String>,
    pub(crate) handlers: Vec<WiredHandler>,
}

impl WiredFamily {
    /// The trait, `dyn shop::audit::Auditable`; or `dyn eventful::AnyEvent`.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The position of its declaration; `dyn AnyEvent` has none.
    #[must_use]
    pub const fn position(&self) -> Option<&WiredPosition> {
        self.position.as_ref()
    }

    /// Returns true if it is `dyn AnyEvent`, to which every event belongs that is not durable.
    #[must_use]
    pub fn is_catch_all(&self) -> bool {
        self.name == CATCH_ALL
    }

    /// Returns true if its handlers may be asynchronous: `#[family(async)]`.
    #[must_use]
    pub const fn is_async(&self) -> bool {
        self.is_async
    }

    /// Returns true if its members are durable events: `#[family(durable)]`.
    #[must_use]
    pub const fn is_durable(&self) -> bool {
        self.is_durable
    }

    /// The names of the events that say they belong to it, sorted. None for `dyn AnyEvent`, which no event names.
    #[must_use]
    pub fn members(&self) -> &[String] {
        &self.members
    }

    /// Its handlers in the order in which they run. A member's other handlers may change that order.
    #[must_use]
    pub fn handlers(&self) -> &[WiredHandler] {
        &self.handlers
    }
}
