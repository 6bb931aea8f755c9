//! A handler of a wiring, and what it says about its place in the order.

use std::fmt;

use crate::{WiredPosition, WiredResource};

/// A handler of a [`Wiring`](crate::Wiring), as it handles one event.
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
    pub(crate) origin: HandlerOrigin,
    pub(crate) order: i32,
    pub(crate) constraints: Vec<String>,
    pub(crate) is_async: bool,
    pub(crate) is_guarded: bool,
    pub(crate) run: HandlerRun,
    pub(crate) family: Option<String>,
    pub(crate) resources: Vec<WiredResource>,
    pub(crate) lent: Vec<String>,
    pub(crate) returns: Vec<String>,
    pub(crate) source: Source,
}

/// The origin of a handler's body.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum HandlerOrigin {
    /// A function that was linked.
    Linked,
    /// A closure that a builder was given.
    Subscribed,
    /// A closure that a builder was given for a linked handler.
    Replaced,
}

/// The place in which a handler runs.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub enum HandlerRun {
    /// Within the publish.
    #[default]
    InPublish,
    /// Within the publish of a durable event, in its transaction.
    InTransaction,
    /// By itself, after the commit of a durable event, with these options as they are written.
    Separate(String),
}

/// The side of another handler on which a handler runs. `Display` gives `after` or `before`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Side {
    /// After the other one.
    After,
    /// Before the other one.
    Before,
}

impl fmt::Display for Side {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::After => "after",
            Self::Before => "before",
        })
    }
}

/// The facts about an item that only its record has.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Source {
    /// The package that it is in.
    pub package: Option<String>,
    /// The first line of its documentation.
    pub doc: Option<String>,
}

/// The name of the family to which every event belongs that is not durable.
pub(crate) const CATCH_ALL: &str = "dyn eventful::AnyEvent";

impl WiredHandler {
    /// The id: the one that `id = "…"` or the builder gives, else module path and function name.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The position of the function, or of the builder call that was given a closure.
    #[must_use]
    pub const fn position(&self) -> &WiredPosition {
        &self.position
    }

    /// Returns true if it is a closure that a builder was given, as a handler of its own or instead of a function.
    #[must_use]
    pub const fn is_closure(&self) -> bool {
        !matches!(self.origin, HandlerOrigin::Linked)
    }

    /// Returns true if it is a closure that replaces a handler, whose id and order it has.
    #[must_use]
    pub const fn is_replaced(&self) -> bool {
        matches!(self.origin, HandlerOrigin::Replaced)
    }

    /// The order among the handlers of the same event: ascending, `0` unless `order = …` says otherwise.
    #[must_use]
    pub const fn order(&self) -> i32 {
        self.order
    }

    /// Its constraints beside other handlers, as written: `after = save`.
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

    /// Returns true if it runs by itself, after the commit: it handles a durable event, and has no `in_transaction`.
    #[must_use]
    pub const fn is_separate(&self) -> bool {
        matches!(self.run, HandlerRun::Separate(_))
    }

    /// Returns true if it runs in the transaction of a durable publish: `in_transaction`.
    #[must_use]
    pub const fn is_in_transaction(&self) -> bool {
        matches!(self.run, HandlerRun::InTransaction)
    }

    /// The options of a handler that runs by itself, as they are written: `retry(attempts = 5), timeout = "30s"`.
    #[must_use]
    pub fn separate_options(&self) -> Option<&str> {
        match &self.run {
            HandlerRun::Separate(options) => Some(options),
            HandlerRun::InPublish | HandlerRun::InTransaction => None,
        }
    }

    /// Its place and its options in words; none if it runs within the publish.
    pub(crate) fn run_in_words(&self) -> Vec<String> {
        match &self.run {
            HandlerRun::InPublish => Vec::new(),
            HandlerRun::InTransaction => vec!["in_transaction".to_owned()],
            HandlerRun::Separate(options) if options.is_empty() => vec!["by itself".to_owned()],
            HandlerRun::Separate(options) => vec!["by itself".to_owned(), options.clone()],
        }
    }

    /// The family through which it handles the event, `dyn shop::audit::Auditable` or `dyn eventful::AnyEvent`; `None`
    /// if it names the event itself.
    #[must_use]
    pub fn family(&self) -> Option<&str> {
        self.family.as_deref()
    }

    /// Returns true if it handles every event that is not durable: its family is `dyn AnyEvent`.
    #[must_use]
    pub fn is_catch_all(&self) -> bool {
        self.family() == Some(CATCH_ALL)
    }

    /// The resources it needs, in the order of its parameters.
    #[must_use]
    pub fn resources(&self) -> &[WiredResource] {
        &self.resources
    }

    /// The parameters that the publisher of its event lends, as they are written: `&mut Connection`. They are no
    /// resources.
    #[must_use]
    pub fn lent(&self) -> &[String] {
        &self.lent
    }

    /// The names of the events that it may return, in the order in which they are published.
    #[must_use]
    pub fn returns(&self) -> &[String] {
        &self.returns
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
