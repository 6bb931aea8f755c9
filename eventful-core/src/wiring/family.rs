use super::handler::CATCH_ALL;
use super::{WiredHandler, WiredPosition};

/// A family of a [`Wiring`](super::Wiring): events with one trait, which handlers name together.
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
    pub(crate) members: Vec<String>,
    pub(crate) handlers: Vec<WiredHandler>,
}

impl WiredFamily {
    /// Returns the trait, `dyn shop::audit::Auditable`; or `dyn eventful::AnyEvent`.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the position of its declaration; `None` for `dyn AnyEvent`.
    #[must_use]
    pub const fn position(&self) -> Option<&WiredPosition> {
        self.position.as_ref()
    }

    /// Returns true if it is `dyn AnyEvent`, to which every event belongs.
    #[must_use]
    pub fn is_catch_all(&self) -> bool {
        self.name == CATCH_ALL
    }

    /// Returns true if its handlers may be asynchronous: `#[family(async)]`.
    #[must_use]
    pub const fn is_async(&self) -> bool {
        self.is_async
    }

    /// Returns the names of the events that say they belong to it, sorted. The list of `dyn AnyEvent` is empty, because
    /// all events belong to it.
    #[must_use]
    pub fn members(&self) -> &[String] {
        &self.members
    }

    /// Returns the handlers of the family in the order in which they run; the constraints of a member's other handlers
    /// may change it.
    #[must_use]
    pub fn handlers(&self) -> &[WiredHandler] {
        &self.handlers
    }
}
