use super::{WiredHandler, WiredPosition};

/// An event of a [`Wiring`](super::Wiring).
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

    /// Where it is declared.
    #[must_use]
    pub const fn position(&self) -> &WiredPosition {
        &self.position
    }

    /// Whether publishing it returns a future: `#[event(async)]`.
    #[must_use]
    pub const fn is_async(&self) -> bool {
        !matches!(self.mode, WiredMode::Sync)
    }

    /// Whether its asynchronous handlers are polled together instead of in turn.
    #[must_use]
    pub const fn is_concurrent(&self) -> bool {
        matches!(self.mode, WiredMode::Concurrent)
    }

    /// Whether the first failure stops the rest.
    #[must_use]
    pub const fn is_fail_fast(&self) -> bool {
        self.is_fail_fast
    }

    /// Whether it is one instantiation of a generic type.
    #[must_use]
    pub const fn is_generic(&self) -> bool {
        self.is_generic
    }

    /// The families it belongs to, `dyn shop::audit::Auditable`, as declared.
    #[must_use]
    pub fn families(&self) -> &[String] {
        &self.families
    }

    /// How many must listen, as declared: `1..` for `handlers = 1..`.
    #[must_use]
    pub fn contract(&self) -> Option<&str> {
        self.contract.as_deref()
    }

    /// Everything that is called for it, those of its families and of every event too, in the order in which they run.
    #[must_use]
    pub fn handlers(&self) -> &[WiredHandler] {
        &self.handlers
    }
}
