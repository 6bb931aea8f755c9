//! The mode of events whose publisher lends something to their handlers.

use std::marker::PhantomData;

use super::sealed::Sealed;
use super::{Event, Mode};
use crate::event::One;
use crate::raw::{Lent, LentMut, LentSlot, LentType, as_same_type};

/// The mode of `#[event(with = …)]`: each publish lends something to the handlers of the event.
///
/// `M` is [`Sync`](super::Sync) or [`Async`](super::Async). `L` is what is lent: `&'static T` for `with = T`, and
/// `&'static mut T` for `with = mut T`.
///
/// # Examples
///
/// ```
/// use eventful::{Bus, Event, event, handler, mode};
///
/// struct User(&'static str);
///
/// #[event(with = User)]
/// struct OrderCreated;
///
/// #[handler(OrderCreated)]
/// fn audit(_: &OrderCreated, user: &User) {
///     assert_eq!(user.0, "ada");
/// }
///
/// fn lends_the_user<E: Event<Mode = mode::With<mode::Sync, &'static User>>>(bus: &Bus, event: &E) -> usize {
///     bus.publish_with(event, &User("ada")).map_or(0, |delivered| delivered.handled())
/// }
///
/// let bus = Bus::isolated().with(audit).build()?;
/// assert_eq!(lends_the_user(&bus, &OrderCreated), 1);
/// # Ok::<(), eventful::WiringError>(())
/// ```
#[derive(Debug)]
pub struct With<M, L>(PhantomData<fn() -> (M, L)>);

impl<M, L> Sealed for With<M, L> {}

impl<M: Mode, L: Lendable> Mode for With<M, L> {
    type __Only<E: Event> = One<E>;
    const __IS_ASYNC: bool = M::__IS_ASYNC;
    const __LENT: Option<LentType> = Some(L::__TYPE);

    #[inline]
    fn __lent<'a, T: ?Sized + 'static>(
        slot: impl FnOnce() -> Option<&'a LentSlot>,
    ) -> Option<&'a T> {
        L::__get(slot)
    }
}

/// The references that stand for what is lent: `&'static T` and `&'static mut T`.
#[doc(hidden)]
pub trait Reference: Sealed + 'static {
    type Borrow<'a>;

    /// `lent` says that the type may be lent. It is no bound here, because that would be one more compile error.
    fn __lend(borrow: Self::Borrow<'_>, lent: LentType) -> Lent<'_>;

    fn __get<'a, U: ?Sized + 'static>(slot: impl FnOnce() -> Option<&'a LentSlot>)
    -> Option<&'a U>;
}

/// References to types that threads may share or hand on.
#[doc(hidden)]
pub trait Lendable: Reference {
    const __TYPE: LentType;
}

impl<T: 'static> Sealed for &'static T {}

impl<T: 'static> Reference for &'static T {
    type Borrow<'a> = &'a T;

    fn __lend(borrow: Self::Borrow<'_>, lent: LentType) -> Lent<'_> {
        Lent::shared(borrow, lent)
    }

    #[inline]
    fn __get<'a, U: ?Sized + 'static>(
        slot: impl FnOnce() -> Option<&'a LentSlot>,
    ) -> Option<&'a U> {
        as_same_type(|| slot().and_then(LentSlot::get::<T>).expect("it is lent"))
    }
}

impl<T: Sync + 'static> Lendable for &'static T {
    const __TYPE: LentType = LentType::shared::<T>();
}

impl<T: 'static> Sealed for &'static mut T {}

impl<T: 'static> Reference for &'static mut T {
    type Borrow<'a> = &'a mut T;

    fn __lend(borrow: Self::Borrow<'_>, lent: LentType) -> Lent<'_> {
        Lent::exclusive(borrow, lent)
    }

    #[inline]
    fn __get<'a, U: ?Sized + 'static>(_: impl FnOnce() -> Option<&'a LentSlot>) -> Option<&'a U> {
        None
    }
}

impl<T: Send + 'static> Lendable for &'static mut T {
    const __TYPE: LentType = LentType::exclusive::<T>();
}

/// Modes of events that lend a `&mut T`.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "this event does not lend a `&mut {T}` to its handlers",
    label = "nobody lends this to the handler",
    note = "write `#[event(with = mut {T})]` on the event, and lend it with each `publish`; a handler of a family is lent nothing",
    note = "a durable event, `#[event(durable, name = \"…\")]`, lends its handlers the connection of the store, such as \
            `&mut SqliteConnection`, and they write in its transaction",
    note = "what the bus owns is shared: take a `&{T}`, and change what is in a `Mutex` or an atomic"
)]
pub trait Lends<T: ?Sized>: Sealed {
    fn __borrow(slot: &LentSlot) -> Option<LentMut<'_, T>>
    where
        T: Sized;
}

#[diagnostic::do_not_recommend]
impl<M, T: 'static> Lends<T> for With<M, &'static mut T> {
    fn __borrow(slot: &LentSlot) -> Option<LentMut<'_, T>> {
        slot.borrow_mut()
    }
}
