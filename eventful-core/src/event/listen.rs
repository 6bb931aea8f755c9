//! The things that a handler can listen to: an event, or a family of events.

use std::any::TypeId;
use std::fmt;

use super::mode::Mode;
use super::plain_path::plain_path;
use super::{AnyEvent, Event, EventInfo};
use crate::handler::Position;
use crate::raw::{Access, Direct, Projected};

/// A type that `#[handler(…)]` may name: an [`Event`], or the `dyn Trait` of a family of events.
///
/// # Examples
///
/// ```
/// use eventful::{AnyEvent, Bus, event};
///
/// #[event]
/// struct OrderCreated;
///
/// // `subscribe` takes closures over either.
/// let bus = Bus::isolated()
///     .subscribe("cache", |_: &OrderCreated| ())
///     .subscribe("audit", |_: &dyn AnyEvent| ())
///     .build()?;
/// assert_eq!(bus.publish(&OrderCreated)?.handled(), 2);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an event",
    label = "this type is not an event",
    note = "write `#[event]` on the struct or enum `{Self}`, or `#[family]` on the trait of a `dyn Trait`"
)]
pub trait Listen: Sync + 'static {
    /// The mode of the event or the family, which decides if its handlers may be asynchronous.
    type Mode: Mode;

    #[doc(hidden)]
    type __Access: Access<Self>;

    #[doc(hidden)]
    fn __listened() -> Listened;

    /// Its place and its name, as records have them; of a family `12:4* dyn shop::Auditable`.
    #[doc(hidden)]
    const __KEY: &'static str;
}

#[diagnostic::do_not_recommend]
#[expect(
    clippy::needless_maybe_sized,
    reason = "with `Sized` asked for here, a `dyn Trait` that is no family would be two compile errors"
)]
impl<E: Event + ?Sized> Listen for E {
    type Mode = E::Mode;
    type __Access = Direct;
    const __KEY: &'static str = E::__KEY;

    fn __listened() -> Listened {
        Listened(Subject::Event(EventInfo::of::<E>()))
    }
}

impl Listen for dyn AnyEvent {
    const __KEY: &'static str = "0:0* dyn eventful::AnyEvent";
    type Mode = super::mode::Sync;
    type __Access = Projected;

    fn __listened() -> Listened {
        Listened(Subject::Family(FamilyInfo {
            name: "eventful::AnyEvent",
            position: Position::new(module_path!(), file!(), line!(), column!()),
            type_id: TypeId::of::<Self>,
            is_catch_all: true,
            is_async: false,
            is_durable: false,
        }))
    }
}

/// An event that an attribute names and whose handler takes a `&P`: `P` itself.
///
/// Expansions name it if the two are written differently, which is a mistake unless one is an alias.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "the handler takes a `&{P}`, and its attribute names the event `{Self}`",
    label = "this is another type than `{Self}`",
    note = "write `event: &{Self}`, or `#[handler({P})]`"
)]
pub trait Is<P: ?Sized> {
    fn as_parameter(&self) -> &P;
}

impl<E: ?Sized> Is<E> for E {
    #[inline]
    fn as_parameter(&self) -> &E {
        self
    }
}

/// The event or the family that a handler listens to, without its type.
#[doc(hidden)]
#[derive(Clone, Copy, Debug)]
pub struct Listened(pub(crate) Subject);

impl Listened {
    /// Describes the family `D`.
    #[must_use]
    pub fn family<D: Listen + ?Sized>(name: &'static str, position: Position) -> Self {
        Self(Subject::Family(FamilyInfo {
            name: plain_path(name),
            position: position.in_module(plain_path),
            type_id: TypeId::of::<D>,
            is_catch_all: false,
            is_async: D::Mode::__IS_ASYNC && !D::Mode::__IS_DURABLE,
            is_durable: D::Mode::__IS_DURABLE,
        }))
    }
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Subject {
    Event(&'static EventInfo),
    Family(FamilyInfo),
}

/// A family with the type forgotten.
#[derive(Clone, Copy)]
pub(crate) struct FamilyInfo {
    /// The path of the trait.
    pub(crate) name: &'static str,
    pub(crate) position: Position,
    pub(crate) type_id: fn() -> TypeId,
    is_catch_all: bool,
    pub(crate) is_async: bool,
    is_durable: bool,
}

impl fmt::Debug for FamilyInfo {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "FamilyInfo(dyn {})", self.name)
    }
}

impl Subject {
    pub(crate) fn of<L: Listen + ?Sized>() -> Self {
        L::__listened().0
    }

    pub(crate) fn type_id(&self) -> TypeId {
        match self {
            Self::Event(event) => event.type_id(),
            Self::Family(family) => (family.type_id)(),
        }
    }

    /// Returns true if it is `dyn AnyEvent`, to which every event belongs that is not durable.
    pub(crate) const fn is_catch_all(&self) -> bool {
        matches!(self, Self::Family(family) if family.is_catch_all)
    }

    /// Returns true if it is a durable event, or a family of such.
    pub(crate) const fn is_durable(&self) -> bool {
        match self {
            Self::Event(event) => event.is_durable(),
            Self::Family(family) => family.is_durable,
        }
    }

    /// Returns true if its handlers handle `event`.
    pub(crate) fn includes(&self, event: &EventInfo) -> bool {
        match self {
            Self::Event(own) => own.type_id() == event.type_id(),
            Self::Family(family) => event
                .memberships()
                .any(|membership| membership.family() == (family.type_id)()),
        }
    }

    pub(crate) fn sort_key(&self) -> impl Ord + use<> {
        match self {
            Self::Event(event) => (false, event.position(), event.name()),
            Self::Family(family) => (true, family.position, family.name),
        }
    }
}

/// Gives the event's name, or `dyn` and the whole path of the trait.
impl fmt::Display for Subject {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Event(event) => formatter.write_str(event.name()),
            Self::Family(family) => write!(formatter, "dyn {}", family.name),
        }
    }
}
