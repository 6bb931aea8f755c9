use super::{WiredPosition, WiredResource};

/// A handler of a [`Wiring`](super::Wiring), as it handles one event.
///
/// # Examples
///
/// ```
/// use eventful::{Bus, event, handler};
///
/// #[event]
/// struct OrderCreated {
///     total: u32,
/// }
///
/// struct Cache;
///
/// #[handler(OrderCreated, id = "shop.cache", order = -1, when = |event| event.total > 0)]
/// fn update_cache(_: &OrderCreated, _: &Cache) {}
///
/// let wiring = Bus::isolated().with(update_cache).provide(Cache).build()?.wiring();
/// let handler = &wiring.events()[0].handlers()[0];
/// assert_eq!((handler.id(), handler.order(), handler.is_guarded()), ("shop.cache", -1, true));
/// assert_eq!(handler.resources()[0].to_string(), "&Cache");
/// # Ok::<(), eventful::WiringError>(())
/// ```
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct WiredHandler {
    pub(crate) id: String,
    pub(crate) position: WiredPosition,
    pub(crate) origin: WiredOrigin,
    pub(crate) order: i32,
    pub(crate) constraints: Vec<String>,
    pub(crate) is_async: bool,
    pub(crate) is_guarded: bool,
    pub(crate) family: Option<String>,
    pub(crate) resources: Vec<WiredResource>,
    pub(crate) returns: Vec<String>,
}

/// Where a handler's body comes from.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum WiredOrigin {
    Linked,
    Subscribed,
    Replaced,
}

/// The family to which every event belongs.
pub(crate) const CATCH_ALL: &str = "dyn eventful::AnyEvent";

impl WiredHandler {
    /// Returns the [id](crate::HandlerInfo::id): the one of `id = "…"` or of the builder, else module path and function
    /// name.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Returns the position of the function; for a closure, that of the builder call.
    #[must_use]
    pub const fn position(&self) -> &WiredPosition {
        &self.position
    }

    /// Returns true if it is a closure that a builder added, or that replaces a function.
    #[must_use]
    pub const fn is_closure(&self) -> bool {
        !matches!(self.origin, WiredOrigin::Linked)
    }

    /// Returns true if it is a closure that replaces a handler, whose id and order it has.
    #[must_use]
    pub const fn is_replaced(&self) -> bool {
        matches!(self.origin, WiredOrigin::Replaced)
    }

    /// Returns its `order` among the handlers of the same event: ascending, `0` unless `order = …` says otherwise.
    #[must_use]
    pub const fn order(&self) -> i32 {
        self.order
    }

    /// Returns its constraints, as written: `after = save`.
    #[must_use]
    pub fn constraints(&self) -> &[String] {
        &self.constraints
    }

    /// Returns true if it is an `async fn`, or a closure that returns a future.
    #[must_use]
    pub const fn is_async(&self) -> bool {
        self.is_async
    }

    /// Returns true if it has a guard, `when = …`, and so may skip an event.
    #[must_use]
    pub const fn is_guarded(&self) -> bool {
        self.is_guarded
    }

    /// Returns the family through which it handles the event, `dyn shop::audit::Auditable` or `dyn eventful::AnyEvent`;
    /// `None` if it names the event itself.
    #[must_use]
    pub fn family(&self) -> Option<&str> {
        self.family.as_deref()
    }

    /// Returns true if it handles every event: its family is `dyn AnyEvent`.
    #[must_use]
    pub fn is_catch_all(&self) -> bool {
        self.family() == Some(CATCH_ALL)
    }

    /// Returns its resources, in the order of its parameters.
    #[must_use]
    pub fn resources(&self) -> &[WiredResource] {
        &self.resources
    }

    /// Returns the names of the events that it may return, in the order in which they are published.
    #[must_use]
    pub fn returns(&self) -> &[String] {
        &self.returns
    }
}
