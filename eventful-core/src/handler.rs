//! The identity of a handler: its id, its position in the sources and its order.

mod separate;

use std::any::TypeId;
use std::fmt;

pub use eventful_wiring::Position;
pub(crate) use eventful_wiring::{Contract, Side};

pub use self::separate::SeparateOptions;

/// The identity of a handler: its id, and where it is written.
///
/// `Display` gives `shop::cache::update (src/cache.rs:12:4)`.
///
/// # Examples
///
/// ```
/// use eventful::{Bus, event, handler};
///
/// #[event]
/// struct OrderCreated;
///
/// #[handler(OrderCreated, id = "shop.cache", order = -10)]
/// fn update_cache(_: &OrderCreated) {}
///
/// let bus = Bus::isolated().with(update_cache).build()?;
/// let handler = &bus.handlers::<OrderCreated>()[0];
/// assert_eq!((handler.id(), handler.order()), ("shop.cache", -10));
/// assert!(handler.to_string().starts_with("shop.cache ("));
/// # Ok::<(), eventful::WiringError>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct HandlerInfo {
    pub(crate) id: &'static str,
    pub(crate) has_own_id: bool,
    pub(crate) order: i32,
    pub(crate) position: Position,
    pub(crate) is_guarded: bool,
    pub(crate) is_catch_all: bool,
    pub(crate) started_by: StartedBy,
}

/// The starter of a handler.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum StartedBy {
    Publish,
    /// A worker, which tells of each attempt.
    Worker,
}

impl HandlerInfo {
    /// Returns the stable id: the one that `id = "…"` gives, else module path and function name.
    ///
    /// Two functions inside function bodies may share a default id; line and column tell them apart.
    #[must_use]
    pub const fn id(&self) -> &'static str {
        self.id
    }

    /// Returns the handler's `order` among the handlers of the same event: ascending, `0` unless `order = …` says
    /// otherwise.
    #[must_use]
    pub const fn order(&self) -> i32 {
        self.order
    }

    /// Returns true if a guard, `when = …`, decides for each event if the handler runs.
    #[must_use]
    pub const fn is_guarded(&self) -> bool {
        self.is_guarded
    }

    /// Returns true if it handles `dyn AnyEvent`, and so every event that is not durable.
    #[must_use]
    pub const fn is_catch_all(&self) -> bool {
        self.is_catch_all
    }

    /// Returns the path of the handler's module; empty for a closure given to a builder.
    #[must_use]
    pub const fn module_path(&self) -> &'static str {
        self.position.texts().0
    }

    /// Returns the source file, as the compiler names it.
    #[must_use]
    pub const fn file(&self) -> &'static str {
        self.position.texts().1
    }

    /// Returns the line of the function's name (of the builder call, for a closure), from 1.
    #[must_use]
    pub const fn line(&self) -> u32 {
        self.position.line()
    }

    /// Returns the column of the function's name (of the builder call, for a closure), from 1.
    ///
    /// If a `macro_rules` macro names functions by itself, all of them have the same column. Each further use then
    /// counts as one more column, so that the handlers differ and run in the order of the uses.
    #[must_use]
    pub const fn column(&self) -> u32 {
        self.position.column()
    }
}

impl fmt::Display for HandlerInfo {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} ({})", self.id, self.position)
    }
}

impl fmt::Debug for HandlerInfo {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "HandlerInfo({self}, order {})", self.order)
    }
}

/// `after = …` or `before = …`: this handler runs on one side of another one.
#[doc(hidden)]
#[derive(Clone, Copy, Debug)]
pub struct Constraint {
    pub(crate) side: Side,
    pub(crate) target: Target,
}

/// Another handler, by its function or by its id.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Target {
    Function {
        type_id: fn() -> TypeId,
        written: &'static str,
    },
    Id(&'static str),
}

impl Constraint {
    #[must_use]
    pub const fn after<F: 'static>(_function: &F, written: &'static str) -> Self {
        Self::new(Side::After, Target::function::<F>(written))
    }

    #[must_use]
    pub const fn before<F: 'static>(_function: &F, written: &'static str) -> Self {
        Self::new(Side::Before, Target::function::<F>(written))
    }

    #[must_use]
    pub const fn after_id(id: &'static str) -> Self {
        Self::new(Side::After, Target::Id(id))
    }

    #[must_use]
    pub const fn before_id(id: &'static str) -> Self {
        Self::new(Side::Before, Target::Id(id))
    }

    const fn new(side: Side, target: Target) -> Self {
        Self { side, target }
    }
}

impl Target {
    const fn function<F: 'static>(written: &'static str) -> Self {
        Self::Function {
            type_id: TypeId::of::<F>,
            written,
        }
    }
}
