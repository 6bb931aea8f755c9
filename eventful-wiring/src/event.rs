//! An event of a wiring.

use crate::handler::Source;
use crate::{WiredHandler, WiredPosition};

/// An event of a [`Wiring`](crate::Wiring).
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
    pub(crate) mode: EventMode,
    pub(crate) durable: Option<DurableFacts>,
    pub(crate) is_fail_fast: bool,
    pub(crate) is_generic: bool,
    pub(crate) families: Vec<String>,
    pub(crate) contract: Option<String>,
    pub(crate) with: Option<String>,
    pub(crate) source: Source,
    pub(crate) handlers: Vec<WiredHandler>,
}

/// The way in which the handlers of an event run.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum EventMode {
    /// Within `publish`.
    Sync,
    /// Within the future that `publish` returns, one handler after the other.
    Async,
    /// Within the future that `publish` returns, its asynchronous handlers at the same time.
    Concurrent,
    /// After the commit of the transaction in which it was published, each by itself.
    Durable,
}

/// The facts that only a durable event has.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct DurableFacts {
    /// The version of its shape.
    pub version: u32,
    /// It has a key, by which order is kept.
    pub has_key: bool,
}

impl EventMode {
    /// The mode of an event with these options.
    #[must_use]
    pub const fn new(is_async: bool, is_concurrent: bool) -> Self {
        match (is_async, is_concurrent) {
            (_, true) => Self::Concurrent,
            (true, false) => Self::Async,
            (false, false) => Self::Sync,
        }
    }
}

impl WiredEvent {
    /// The event's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The position of its declaration.
    #[must_use]
    pub const fn position(&self) -> &WiredPosition {
        &self.position
    }

    /// Returns true if publishing it returns a future: `#[event(async)]`.
    #[must_use]
    pub const fn is_async(&self) -> bool {
        matches!(self.mode, EventMode::Async | EventMode::Concurrent)
    }

    /// Returns true if it is written in a transaction, and delivered after the commit: `#[event(durable, …)]`.
    #[must_use]
    pub const fn is_durable(&self) -> bool {
        matches!(self.mode, EventMode::Durable)
    }

    /// The version of the shape of a durable event.
    #[must_use]
    pub fn version(&self) -> Option<u32> {
        self.durable.map(|durable| durable.version)
    }

    /// Returns true if it has a key, by which order is kept: `key = …` on a durable event.
    #[must_use]
    pub fn has_key(&self) -> bool {
        self.durable.is_some_and(|durable| durable.has_key)
    }

    /// Returns true if its asynchronous handlers run at the same time instead of one after the other.
    #[must_use]
    pub const fn is_concurrent(&self) -> bool {
        matches!(self.mode, EventMode::Concurrent)
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

    /// The families it belongs to, `dyn shop::audit::Auditable`, as declared.
    #[must_use]
    pub fn families(&self) -> &[String] {
        &self.families
    }

    /// The number of handlers of its own that it asks for, as declared: `1..` for `handlers = 1..`.
    #[must_use]
    pub fn contract(&self) -> Option<&str> {
        self.contract.as_deref()
    }

    /// The type that each publish lends to its handlers, as declared: `mut Connection` for `with = mut Connection`.
    #[must_use]
    pub fn with(&self) -> Option<&str> {
        self.with.as_deref()
    }

    /// Its handlers in the order in which they run, with those of its families and of every event.
    #[must_use]
    pub fn handlers(&self) -> &[WiredHandler] {
        &self.handlers
    }

    /// The package that it is in, if the wiring was read from a program's file.
    #[must_use]
    pub fn package(&self) -> Option<&str> {
        self.source.package.as_deref()
    }

    /// The first line of its documentation, if it has any and the wiring was read from a program's file.
    #[must_use]
    pub fn doc(&self) -> Option<&str> {
        self.source.doc.as_deref()
    }
}
