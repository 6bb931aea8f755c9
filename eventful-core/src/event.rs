//! Events, and the facts by which the registry and the bus tell them apart.

mod boxed;
mod durability;
mod family;
mod listen;
pub mod mode;
mod never;
mod plain_path;
mod returned;

use std::any::{TypeId, type_name};
use std::fmt;

pub(crate) use self::boxed::BoxedEvent;
pub use self::durability::{DecodedEvent, Durability};
pub(crate) use self::family::MemberOf;
pub use self::family::{AnyEvent, Family, Membership};
pub(crate) use self::listen::Subject;
pub use self::listen::{Is, Listen, Listened};
use self::mode::Mode;
pub use self::plain_path::event_name;
pub(crate) use self::plain_path::plain_path;
pub use self::returned::Events;
pub(crate) use self::returned::One;
use crate::handler::{Contract, Position};
use crate::raw::{
    Calls, Context, Erased, ErasedIndex, Indexed, LentType, Projection, TypedIndex, type_id,
};

/// Something that happened: a value that [`Bus::publish`](crate::Bus::publish) hands to every handler of its type.
///
/// Write `#[event]` on a struct or an enum instead of implementing this: the attribute also makes the inherent
/// `publish`.
///
/// # Examples
///
/// Code that works with any event names the trait:
///
/// ```
/// use eventful::{Bus, Event, event};
///
/// #[event(name = "order.created")]
/// struct OrderCreated;
///
/// fn warn_if_nobody_listens<E: Event>(bus: &Bus) -> Option<String> {
///     (!bus.has_handlers::<E>()).then(|| format!("nobody handles {}", E::NAME))
/// }
///
/// let bus = Bus::isolated().build()?;
/// assert_eq!(warn_if_nobody_listens::<OrderCreated>(&bus).unwrap(), "nobody handles order.created");
/// # bus.publish(&OrderCreated).unwrap();
/// # Ok::<(), eventful::WiringError>(())
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an event",
    label = "this type is not an event",
    note = "write `#[event]` on the struct or enum `{Self}`, or `#[family]` on the trait of a `dyn Trait`; the event of a handler \
            is its first parameter"
)]
pub trait Event: Sized + Send + Sync + 'static {
    /// The mode of the event: [`mode::Sync`] calls the handlers before `publish` returns, [`mode::Async`] in a future, and
    /// [`mode::Durable`] after the commit.
    type Mode: Mode;

    /// The event's name: `name = "…"`, else module path and type name. All instantiations of a generic event share it.
    const NAME: &'static str;

    #[doc(hidden)]
    const __EVENT: Declared;

    /// The version and the codec of a durable event.
    #[doc(hidden)]
    const __DURABLE: Option<&'static dyn Durability> = None;

    /// Its place and its name, as records have them; `12:4<>` if it is generic.
    #[doc(hidden)]
    const __KEY: &'static str;

    /// The number of its tables; none for a generic event, whose instantiations would share it.
    #[doc(hidden)]
    fn __index() -> Option<&'static EventIndex<Self>>;
}

/// The index of an event, as its implementation of [`Event`] gives it.
#[doc(hidden)]
#[macro_export]
macro_rules! __index {
    ($private:ident, $index:ident) => {
        $private::Option::Some(&$index)
    };
}

/// The options of `#[event]` without the name.
#[doc(hidden)]
#[derive(Clone, Copy, Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is an option of `#[event]`, set by the method of its name"
)]
pub struct Declared {
    position: Position,
    fail_fast: bool,
    log: Option<LogLevel>,
    concurrent: bool,
    generic: bool,
    /// There is no such event.
    never: bool,
    pub(crate) has_own_name: bool,
    pub(crate) contract: Option<Contract>,
    families: &'static [Membership],
    /// The type that each publish lends, as it is written.
    pub(crate) with: Option<&'static str>,
}

impl Declared {
    #[must_use]
    pub const fn at(module_path: &'static str, file: &'static str, line: u32, column: u32) -> Self {
        Self {
            position: Position::new(module_path, file, line, column),
            fail_fast: false,
            log: None,
            concurrent: false,
            generic: false,
            never: false,
            has_own_name: false,
            contract: None,
            families: &[],
            with: None,
        }
    }

    #[must_use]
    pub const fn fail_fast(self) -> Self {
        Self {
            fail_fast: true,
            ..self
        }
    }

    /// Sets the level of the errors that handlers return.
    #[must_use]
    pub const fn log(self, level: LogLevel) -> Self {
        Self {
            log: Some(level),
            ..self
        }
    }

    #[must_use]
    pub const fn concurrent(self) -> Self {
        Self {
            concurrent: true,
            ..self
        }
    }

    #[must_use]
    pub const fn generic(self) -> Self {
        Self {
            generic: true,
            ..self
        }
    }

    const fn never(self) -> Self {
        Self {
            never: true,
            ..self
        }
    }
}

impl Declared {
    /// The name was chosen, and may so be another event's by mistake.
    #[must_use]
    pub const fn named(self) -> Self {
        Self {
            has_own_name: true,
            ..self
        }
    }

    /// Sets the number of handlers that the event asks for; `most` is `None` without a limit.
    #[must_use]
    pub const fn handlers(self, least: u32, most: Option<u32>) -> Self {
        Self {
            contract: Some(Contract::new(least, most)),
            ..self
        }
    }

    /// Notes what each publish lends, as it is written; its type is in the mode.
    #[must_use]
    pub const fn with(self, written: &'static str) -> Self {
        Self {
            with: Some(written),
            ..self
        }
    }

    #[must_use]
    pub const fn families(self, families: &'static [Membership]) -> Self {
        Self { families, ..self }
    }
}

/// The level at which the errors that an event's handlers return are logged.
#[derive(Clone, Copy, Debug)]
#[doc(hidden)]
pub enum LogLevel {
    Error,
    Warn,
    Info,
    Debug,
}

/// An event type with the type forgotten.
#[derive(Clone, Copy)]
#[doc(hidden)]
pub struct EventInfo {
    // A function, so that the name is made only where it is asked for.
    name: fn() -> &'static str,
    pub(crate) type_id: fn() -> TypeId,
    index: fn() -> Option<ErasedIndex>,
    pub(crate) declaration: Declared,
    any: Projection<dyn AnyEvent>,
    is_async: bool,
    kind: Kind,
}

/// The kind of an event, beyond its colour.
#[derive(Clone, Copy)]
enum Kind {
    Plain,
    /// Each publish lends something of this type.
    Lending(LentType),
    Durable(&'static dyn Durability),
}

impl EventInfo {
    /// The info of `E`. It is the one beside the index of `E`, so that a program has only one, also if it has several
    /// parts.
    #[inline]
    pub(crate) fn of<E: Event>() -> &'static Self {
        match E::__index() {
            Some(index) => index.info(),
            None => const { &Self::new::<E>() },
        }
    }

    const fn new<E: Event>() -> Self {
        Self {
            name: if E::__EVENT.generic {
                type_name::<E>
            } else {
                || E::NAME
            },
            type_id: type_id::<E>,
            index: || E::__index().map(EventIndex::erase),
            declaration: E::__EVENT,
            any: Projection::<dyn AnyEvent>::new::<E, _>(|event| event),
            is_async: E::Mode::__IS_ASYNC && !E::Mode::__IS_DURABLE,
            kind: match (E::__DURABLE, E::Mode::__LENT) {
                (Some(durability), _) => Kind::Durable(durability),
                (None, Some(lent)) => Kind::Lending(lent),
                (None, None) => Kind::Plain,
            },
        }
    }

    /// The type of what each publish lends.
    pub(crate) const fn lent(&self) -> Option<LentType> {
        match self.kind {
            Kind::Lending(lent) => Some(lent),
            Kind::Plain | Kind::Durable(_) => None,
        }
    }

    /// The version and the codec of a durable event.
    pub(crate) const fn durability(&self) -> Option<&'static dyn Durability> {
        match self.kind {
            Kind::Durable(durability) => Some(durability),
            Kind::Plain | Kind::Lending(_) => None,
        }
    }

    pub(crate) const fn is_durable(&self) -> bool {
        matches!(self.kind, Kind::Durable(_))
    }

    /// The name for people: of an instantiation of a generic event the full type, since all of them share one name.
    pub(crate) fn name(&self) -> &'static str {
        (self.name)()
    }

    /// The position of its declaration.
    pub(crate) fn position(&self) -> Position {
        self.declaration.position.in_module(plain_path)
    }

    pub(crate) fn type_id(&self) -> TypeId {
        (self.type_id)()
    }

    /// An event of this type as every event can be seen.
    pub(crate) fn any<'a>(&self, event: Erased<'a>) -> &'a dyn AnyEvent {
        self.any
            .of(event)
            .expect("the value is of the type that the info is about")
    }

    pub(crate) fn index(&self) -> Option<ErasedIndex> {
        (self.index)()
    }

    /// Returns true if asynchronous handlers run at the same time instead of in turn.
    pub(crate) const fn is_concurrent(&self) -> bool {
        self.declaration.concurrent
    }

    /// Returns true if the first failure stops the rest: what runs in a transaction fails with it.
    pub(crate) const fn is_fail_fast(&self) -> bool {
        self.declaration.fail_fast || self.is_durable()
    }

    /// The level of the errors that its handlers return. With `fail_fast` that is a veto, and nothing has gone wrong; of a
    /// durable event it is the result of a publish, or an attempt of which the worker tells.
    pub(crate) fn log_level(&self) -> LogLevel {
        let default = if self.is_fail_fast() {
            LogLevel::Debug
        } else {
            LogLevel::Error
        };
        self.declaration.log.unwrap_or(default)
    }

    pub(crate) const fn is_async(&self) -> bool {
        self.is_async
    }

    /// The families that the event says it belongs to, as it lists them, and the one of all events that are not durable.
    pub(crate) fn memberships(&self) -> impl Iterator<Item = MemberOf<'_>> {
        let families = self.declaration.families.iter().map(MemberOf::Family);
        let all = (!self.is_durable()).then_some(MemberOf::All(&self.any));
        families.chain(all)
    }

    pub(crate) fn sort_key(&self) -> impl Ord + use<> {
        (self.position(), self.name())
    }
}

impl fmt::Debug for EventInfo {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "EventInfo({})", self.name())
    }
}

/// The static item that `#[event]` makes: the number of the event's tables, and its info.
#[doc(hidden)]
pub type EventIndex<E> = TypedIndex<E, EventInfo>;

/// The index of `E`, for the initialiser of a static item.
#[must_use]
pub const fn event_index<E: Event>() -> EventIndex<E> {
    TypedIndex::new(EventInfo::new::<E>())
}

/// A borrowed event with its type forgotten.
#[doc(hidden)]
#[derive(Clone, Copy)]
#[expect(
    missing_debug_implementations,
    reason = "hidden; an event need not be `Debug`"
)]
pub struct EventRef<'a> {
    indexed: Option<Indexed<'a>>,
    info: &'static EventInfo,
    value: Erased<'a>,
}

impl<'a> EventRef<'a> {
    #[inline]
    #[must_use]
    pub fn new<E: Event>(event: &'a E) -> Self {
        Self {
            indexed: E::__index().map(|index| Indexed::new(index, event)),
            info: EventInfo::of::<E>(),
            value: Erased::new(event),
        }
    }

    /// The event of its parts, as they are handed in registers to what is not inlined.
    #[inline]
    pub(crate) fn from_parts(info: &'static EventInfo, value: Erased<'a>) -> Self {
        Self {
            indexed: info.index().and_then(|index| index.with(value)),
            info,
            value,
        }
    }

    /// The event of a table's calls.
    #[inline]
    pub(crate) fn of<C: Context<Subject = &'static EventInfo>>(calls: Calls<'a, C>) -> Self {
        Self {
            indexed: calls.indexed(),
            info: calls.about(),
            value: calls.subject(),
        }
    }

    /// The event as tables of events that are not generic know it.
    #[inline]
    pub(crate) fn indexed(&self) -> Option<Indexed<'a>> {
        self.indexed
    }

    #[inline]
    pub(crate) fn info(&self) -> &'static EventInfo {
        self.info
    }

    #[inline]
    pub(crate) fn value(&self) -> Erased<'a> {
        self.value
    }

    /// The event as every event can be seen.
    pub(crate) fn any(&self) -> &'a dyn AnyEvent {
        self.info.any(self.value)
    }
}
