use super::{WiredHandler, WiredPosition};

/// An event of a [`Wiring`](super::Wiring).
///
/// # Examples
///
/// ```
/// use eventful::{Bus, event, handler};
///
/// #[event(name = "order.created", handlers = 1..)]
/// struct OrderCreated;
///
/// #[handler(OrderCreated)]
/// fn update_cache(_: &OrderCreated) {}
///
/// let wiring = Bus::isolated().with(update_cache).build()?.wiring();
/// let event = &wiring.events()[0];
/// assert_eq!((event.handlers().len(), event.contract()), (1, Some("1..")));
/// assert!(!event.is_async());
/// # Ok::<(), eventful::WiringError>(())
/// ```
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct WiredEvent {
    pub(crate) name: String,
    pub(crate) position: WiredPosition,
    pub(crate) mode: WiredMode,
    pub(crate) is_fail_fast: bool,
    pub(crate) is_generic: bool,
    pub(crate) families: Vec<String>,
    pub(crate) contract: Option<String>,
    pub(crate) handlers: Vec<WiredHandler>,
}

/// How the handlers of an event are run.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum WiredMode {
    Sync,
    Async,
    Concurrent,
}

impl WiredEvent {
    /// The event's name, as [`Delivery::event_name`](crate::Delivery::event_name) says it.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the position of its declaration.
    #[must_use]
    pub const fn position(&self) -> &WiredPosition {
        &self.position
    }

    /// Returns true if publishing it returns a future: `#[event(async)]`.
    #[must_use]
    pub const fn is_async(&self) -> bool {
        !matches!(self.mode, WiredMode::Sync)
    }

    /// Returns true if its asynchronous handlers are polled together instead of in turn.
    #[must_use]
    pub const fn is_concurrent(&self) -> bool {
        matches!(self.mode, WiredMode::Concurrent)
    }

    /// Returns true if the first failure stops the rest.
    #[must_use]
    pub const fn is_fail_fast(&self) -> bool {
        self.is_fail_fast
    }

    /// Returns true if it is one instantiation of a generic type.
    #[must_use]
    pub const fn is_generic(&self) -> bool {
        self.is_generic
    }

    /// Returns the families it belongs to, `dyn shop::audit::Auditable`, as declared.
    #[must_use]
    pub fn families(&self) -> &[String] {
        &self.families
    }

    /// Returns the number of handlers it must have, as declared: `1..` for `handlers = 1..`.
    #[must_use]
    pub fn contract(&self) -> Option<&str> {
        self.contract.as_deref()
    }

    /// Returns all its handlers in the order in which they run, those of its families and of every event too.
    #[must_use]
    pub fn handlers(&self) -> &[WiredHandler] {
        &self.handlers
    }
}
