use super::{WiredPosition, WiredResource};

/// A handler of a [`Wiring`](super::Wiring), as it handles one event.
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
    /// The [id](crate::HandlerInfo::id): what `id = "…"` or the builder says, else module path and function name.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Where the function is written; of a closure, the builder call.
    #[must_use]
    pub const fn position(&self) -> &WiredPosition {
        &self.position
    }

    /// Whether it is a closure that a builder was given, instead of a function or in the place of one.
    #[must_use]
    pub const fn is_closure(&self) -> bool {
        !matches!(self.origin, WiredOrigin::Linked)
    }

    /// Whether it is a closure in the place of a handler, whose id and order it has.
    #[must_use]
    pub const fn is_replaced(&self) -> bool {
        matches!(self.origin, WiredOrigin::Replaced)
    }

    /// The place among the handlers of the same event: ascending, `0` unless `order = …` says otherwise.
    #[must_use]
    pub const fn order(&self) -> i32 {
        self.order
    }

    /// What it says about its place beside others, as written: `after = save`.
    #[must_use]
    pub fn constraints(&self) -> &[String] {
        &self.constraints
    }

    /// Whether it is an `async fn`, or a closure that returns a future.
    #[must_use]
    pub const fn is_async(&self) -> bool {
        self.is_async
    }

    /// Whether it has a guard, `when = …`, and so may skip an event.
    #[must_use]
    pub const fn is_guarded(&self) -> bool {
        self.is_guarded
    }

    /// The family through which it handles the event, `dyn shop::audit::Auditable` or `dyn eventful::AnyEvent`; none if it names the
    /// event itself.
    #[must_use]
    pub fn family(&self) -> Option<&str> {
        self.family.as_deref()
    }

    /// Whether it handles every event: its family is `dyn AnyEvent`.
    #[must_use]
    pub fn is_catch_all(&self) -> bool {
        self.family() == Some(CATCH_ALL)
    }

    /// What it is lent, in the order of its parameters.
    #[must_use]
    pub fn resources(&self) -> &[WiredResource] {
        &self.resources
    }

    /// The names of the events that it may return, in the order in which they are published.
    #[must_use]
    pub fn returns(&self) -> &[String] {
        &self.returns
    }
}
