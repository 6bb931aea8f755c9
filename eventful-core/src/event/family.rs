//! Families of events: the one that all events belong to, and how an event is seen as a member.

use std::any::{Any, TypeId};
use std::fmt;

use super::listen::{Listen, Listened, Subject};
use super::mode::{Joins, Mode};
use super::{Event, EventInfo, EventRef};
use crate::raw::{Projected, Projection};

/// Any event: `#[handler(dyn AnyEvent)]` handles every event in process, synchronous or asynchronous.
///
/// Such a handler is synchronous. It does not hear durable events, which a family with `#[family(durable)]` hears.
/// [`Delivered::handled`](crate::Delivered::handled) counts it; `handlers = …` and
/// [`Bus::has_handlers`](crate::Bus::has_handlers) do not.
///
/// Every [`Event`] implements this, and nothing else does.
///
/// # Examples
///
/// ```
/// use eventful::{AnyEvent, Bus, event, handler};
///
/// #[event]
/// struct OrderCreated {
///     order_id: u64,
/// }
///
/// #[handler(dyn AnyEvent)]
/// fn audit(event: &dyn AnyEvent) {
///     let created = event.downcast_ref::<OrderCreated>().unwrap();
///     assert_eq!(created.order_id, 1);
/// }
///
/// let bus = Bus::isolated().with(audit).build()?;
/// assert_eq!(bus.publish(&OrderCreated { order_id: 1 })?.handled(), 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub trait AnyEvent: Any + Send + Sync + sealed::Sealed {
    /// Returns the event's name, the same as [`Delivery::event_name`](crate::Delivery::event_name).
    fn event_name(&self) -> &'static str;

    #[doc(hidden)]
    fn __borrow(&self) -> EventRef<'_>;
}

impl<E: Event> AnyEvent for E {
    fn event_name(&self) -> &'static str {
        EventInfo::of::<E>().name()
    }

    fn __borrow(&self) -> EventRef<'_> {
        EventRef::new(self)
    }
}

impl dyn AnyEvent {
    /// Returns true if it is an `E`.
    #[must_use]
    pub fn is<E: Event>(&self) -> bool {
        let any: &dyn Any = self;
        any.is::<E>()
    }

    /// Returns the event itself, if it is an `E`.
    #[must_use]
    pub fn downcast_ref<E: Event>(&self) -> Option<&E> {
        let any: &dyn Any = self;
        any.downcast_ref()
    }

    /// Returns the event as a member of a family, `as_member::<dyn Auditable>()`, if it says that it belongs to it.
    #[must_use]
    pub fn as_member<D: Family + ?Sized>(&self) -> Option<&D> {
        let event = self.__borrow();
        let mut memberships = event.info().memberships();
        let membership = memberships.find(|membership| membership.family() == TypeId::of::<D>())?;
        let projection = membership.projection();
        projection
            .downcast_ref::<Projection<D>>()?
            .of(event.value())
    }
}

impl fmt::Debug for dyn AnyEvent {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "AnyEvent({})", self.event_name())
    }
}

mod sealed {
    pub trait Sealed {}

    impl<E: super::Event> Sealed for E {}
}

/// The `dyn Trait` of a trait with `#[family]`.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a family that an event can be declared to belong to",
    label = "this trait has no `#[family]`",
    note = "write `#[family]` on the trait, or remove it here; every event that is not durable belongs to `dyn AnyEvent` by \
            itself"
)]
pub trait Family: Listen<__Access = Projected> {
    /// The mode of [`Listen`] under another name, so that a type that is no family gives one compile error and not two.
    type Members: Mode;
}

/// The membership of one event in one family, with the way to see the event as a member.
#[doc(hidden)]
#[derive(Clone, Copy)]
pub struct Membership {
    family: fn() -> TypeId,
    listened: fn() -> Listened,
    projection: fn() -> Box<dyn Any + Send + Sync>,
}

impl Membership {
    #[must_use]
    pub const fn new<E, D, F>(as_member: F) -> Self
    where
        E: Event<Mode: Joins<D::Members>>,
        D: Family + ?Sized,
        F: Fn(&E) -> &D + Copy + Send + Sync + 'static,
    {
        Self {
            family: TypeId::of::<D>,
            listened: D::__listened,
            projection: Projection::<D>::erased::<E, F>(as_member),
        }
    }

    /// The membership of all instantiations of a generic event, none of which is at hand. It is for the wiring alone.
    #[must_use]
    pub const fn of_instantiations<D: ?Sized + 'static>(listened: fn() -> Listened) -> Self {
        Self {
            family: TypeId::of::<D>,
            listened,
            projection: || Box::new(()),
        }
    }
}

impl fmt::Debug for Membership {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Membership({})", (self.listened)().0)
    }
}

/// One of the families that an event belongs to.
#[derive(Clone, Copy)]
pub(crate) enum MemberOf<'a> {
    /// The event declares this family.
    Family(&'a Membership),
    /// The event belongs to `dyn AnyEvent`, like every event that is not durable.
    All(&'a Projection<dyn AnyEvent>),
}

impl MemberOf<'_> {
    pub(crate) fn family(self) -> TypeId {
        match self {
            Self::Family(membership) => (membership.family)(),
            Self::All(_) => TypeId::of::<dyn AnyEvent>(),
        }
    }

    /// The family, as its handlers name it.
    pub(crate) fn subject(self) -> Subject {
        match self {
            Self::Family(membership) => (membership.listened)().0,
            Self::All(_) => Subject::of::<dyn AnyEvent>(),
        }
    }

    /// A `Projection` of the family's `dyn Trait`.
    pub(crate) fn projection(self) -> Box<dyn Any + Send + Sync> {
        match self {
            Self::Family(membership) => (membership.projection)(),
            Self::All(projection) => Box::new(*projection),
        }
    }
}
