//! The modes of events: synchronous and asynchronous, with or without something that the publisher lends, and durable.

mod durable;
mod with;

use std::panic::Location;

pub use self::durable::Durable;
pub(crate) use self::durable::{
    Beside, HasDeadLetters, InTransaction, NamesHandlers, OrdersHandlers, RunsByThemselves,
};
pub use self::with::With;
pub(crate) use self::with::{Lendable, Lends, Reference};
use super::{Event, Events, One};
// The one knot: the bus, which is defined above, is an argument here. Nothing of it is called.
use crate::bus::Bus;
use crate::raw::{LentSlot, LentType};

/// The mode of an event, which decides what `publish` takes and returns.
///
/// The trait is sealed; [`Sync`], [`Async`], [`With`] and [`Durable`] are its implementors.
///
/// # Examples
///
/// ```
/// use eventful::{Bus, Delivered, Event, PublishError, event, mode};
///
/// #[event]
/// struct OrderCreated;
///
/// fn publish_twice<E: Event<Mode = mode::Sync>>(bus: &Bus, event: &E) -> Result<Delivered, PublishError> {
///     bus.publish(event)?;
///     bus.publish(event)
/// }
///
/// let bus = Bus::isolated().subscribe("count", |_: &OrderCreated| ()).build()?;
/// assert_eq!(publish_twice(&bus, &OrderCreated)?.handled(), 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub trait Mode: sealed::Sealed {
    /// The events of a handler that returns `E`: `E` alone, in every mode. The mode is asked for it so that the compiler
    /// reports a type that is no event only once.
    #[doc(hidden)]
    type __Only<E: Event>: Events;

    #[doc(hidden)]
    const __IS_ASYNC: bool;

    #[doc(hidden)]
    const __IS_DURABLE: bool = false;

    /// The type of what is lent.
    #[doc(hidden)]
    const __LENT: Option<LentType> = None;

    /// Returns what is lent, if that is a `&T`.
    #[doc(hidden)]
    #[inline]
    #[must_use]
    fn __lent<'a, T: ?Sized + 'static>(_: impl FnOnce() -> Option<&'a LentSlot>) -> Option<&'a T> {
        None
    }
}

/// Modes of events that are published alone: [`Sync`] and [`Async`]. Code that publishes any event asks for it.
///
/// # Examples
///
/// ```
/// use eventful::{Bus, Event, event, mode::InProcess};
///
/// #[event]
/// struct OrderCreated;
///
/// // For a synchronous event, what comes of it is a `Result`; for an asynchronous one it is a future.
/// fn publish<'a, E: Event<Mode: InProcess>>(
///     bus: &'a Bus,
///     event: &'a E,
/// ) -> <E::Mode as InProcess>::Publication<'a, E> {
///     bus.publish(event)
/// }
///
/// let bus = Bus::isolated().subscribe("count", |_: &OrderCreated| ()).build()?;
/// assert_eq!(publish(&bus, &OrderCreated)?.handled(), 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[diagnostic::on_unimplemented(
    message = "an event of the mode `{Self}` cannot be published alone",
    label = "a durable event is published in a transaction, and one with `with = …` with what it lends",
    note = "of a durable event, write `event.publish(&mut transaction).await?`, and commit the transaction",
    note = "of an event with `with = …`, write `event.publish(…)` or `bus.publish_with(&event, …)` with what it lends",
    note = "such events cannot be pending or handed over; code that publishes any other event asks for `E: Event<Mode: mode::InProcess>`"
)]
pub trait InProcess: Mode {
    /// The type that publishing an event of this mode returns.
    type Publication<'a, E: Event>;

    #[doc(hidden)]
    fn __publish<'a, E: Event<Mode = Self>>(
        bus: &'a Bus,
        event: &'a E,
        published_at: &'static Location<'static>,
    ) -> Self::Publication<'a, E>;
}

/// Modes of events that are published with something that is lent.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "`publish_with` takes events with `with = …`, and not those of the mode `{Self}`",
    label = "this event has no `with = …`",
    note = "write `bus.publish(&event)`, or `#[event(with = …)]` on the event",
    note = "of a durable event, write `event.publish(&mut transaction).await?`: its handlers are lent the connection of the \
            transaction"
)]
pub trait Lending: sealed::Sealed {
    /// The borrow of what is lent.
    type Borrow<'a>;
    /// The type that publishing an event of this mode returns.
    type Publication<'a, E: Event>;

    #[doc(hidden)]
    fn __publish<'a, E: Event<Mode = Self>>(
        bus: Option<&'a Bus>,
        event: &'a E,
        borrow: Self::Borrow<'a>,
        published_at: &'static Location<'static>,
    ) -> Self::Publication<'a, E>;
}

/// The mode of `#[event]`: the handlers run one after the other on the publishing thread, and have run when `publish`
/// returns.
///
/// # Examples
///
/// ```
/// use eventful::{Delivered, Event, PublishError, event, mode};
///
/// #[event]
/// struct OrderCreated;
///
/// fn is_sync<E: Event<Mode = mode::Sync>>(_: &E) {}
/// is_sync(&OrderCreated);
///
/// # fn publish() -> Result<Delivered, PublishError> {
/// let delivered = OrderCreated.publish()?;
/// # Ok(delivered) }
/// # eventful::Bus::isolated().build()?.scope(publish)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub enum Sync {}

impl sealed::Sealed for Sync {}

impl Mode for Sync {
    type __Only<E: Event> = One<E>;
    const __IS_ASYNC: bool = false;
}

/// The mode of `#[event(async)]`: `publish` returns a future, [`Publishing`](crate::Publishing), in which the handlers
/// run, asynchronous ones too.
///
/// # Examples
///
/// ```
/// use eventful::{Bus, event, handler};
///
/// #[event(async)]
/// struct OrderCreated;
///
/// #[handler(OrderCreated)]
/// async fn send_mail(_: &OrderCreated) {}
///
/// # futures_lite::future::block_on(async {
/// let bus = Bus::isolated().with(send_mail).build()?;
/// assert_eq!(bus.publish(&OrderCreated).await?.handled(), 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # }).unwrap();
/// ```
#[derive(Debug)]
pub enum Async {}

impl sealed::Sealed for Async {}

impl Mode for Async {
    type __Only<E: Event> = One<E>;
    const __IS_ASYNC: bool = true;
}

/// Modes whose events may have asynchronous handlers.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "an `async fn` cannot handle a synchronous event, or a synchronous family",
    label = "this is synchronous",
    note = "write `#[event(async)]` on the event, and await its `publish`, or `#[family(async)]` on the family; or remove `async` from \
            the handler"
)]
pub trait AcceptsAsync {}

#[diagnostic::do_not_recommend]
impl AcceptsAsync for Async {}
#[diagnostic::do_not_recommend]
impl AcceptsAsync for Durable {}
#[diagnostic::do_not_recommend]
impl<L> AcceptsAsync for With<Async, L> {}

/// Modes of events that can be pending in a `Pending<M>`.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "`pending()` does not take asynchronous events",
    label = "this event is asynchronous",
    note = "write `pending_async()`, which takes both kinds, and await its `publish`"
)]
pub trait PendingIn<M> {}

impl PendingIn<Sync> for Sync {}
impl PendingIn<Async> for Sync {}
impl PendingIn<Async> for Async {}
/// It is not [`InProcess`], which says why it cannot be pending.
#[diagnostic::do_not_recommend]
impl<M, L, P> PendingIn<P> for With<M, L> {}
/// It is not [`InProcess`] either.
#[diagnostic::do_not_recommend]
impl<P> PendingIn<P> for Durable {}

/// Modes of events that may belong to families of the mode `Family`.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "an event cannot belong to a family of this colour",
    label = "the handlers of the family run in another way than those of the event",
    note = "in an asynchronous family, `#[family(async)]`, are asynchronous events, `#[event(async, …)]`",
    note = "in a durable family, `#[family(durable)]`, are durable events, and durable events are in no other",
    note = "the family of `#[family]`, whose handlers are synchronous, takes every event that is not durable"
)]
pub trait Joins<Family> {}

impl Joins<Sync> for Sync {}
impl Joins<Sync> for Async {}
impl Joins<Async> for Async {}
impl Joins<Durable> for Durable {}
#[diagnostic::do_not_recommend]
impl<L> Joins<Sync> for With<Sync, L> {}
#[diagnostic::do_not_recommend]
impl<L> Joins<Sync> for With<Async, L> {}
#[diagnostic::do_not_recommend]
impl<L> Joins<Async> for With<Async, L> {}

/// Modes of events that a handler of an event of the mode `Handled` may return.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "a handler of an event of this colour cannot return that event",
    label = "what is returned is published as the event that is handled",
    note = "a handler of a synchronous event returns synchronous events: to return an asynchronous one, write `#[event(async)]` on the \
            event that is handled, and await its `publish`",
    note = "a handler of a durable event returns durable events: publish another on a parameter `bus: &Bus`",
    note = "a handler of an event that is not durable has no transaction for a durable one: publish that where there is one, \
            `event.publish(&mut transaction).await?`"
)]
pub trait Follows<Handled> {}

impl Follows<Sync> for Sync {}
impl Follows<Async> for Sync {}
impl Follows<Async> for Async {}
impl Follows<Durable> for Durable {}
#[diagnostic::do_not_recommend]
impl<L> Follows<With<Sync, L>> for Sync {}
#[diagnostic::do_not_recommend]
impl<L> Follows<With<Async, L>> for Sync {}
#[diagnostic::do_not_recommend]
impl<L> Follows<With<Async, L>> for Async {}
/// It is not [`Returned`], which says why.
#[diagnostic::do_not_recommend]
impl<M, L, Handled> Follows<Handled> for With<M, L> {}

/// Modes of events that handlers may return.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "this event lends something to its handlers, so that no handler can return it",
    label = "it is published with what it lends",
    note = "write `event.publish(…)` or `bus.publish_with(&event, …)` with what `with = …` says"
)]
pub trait Returned: Mode {}

impl Returned for Sync {}
impl Returned for Async {}
impl Returned for Durable {}

/// Stands for the mode of any handler in records: what a handler returns is asked of the compiler elsewhere.
#[doc(hidden)]
#[derive(Debug)]
pub enum Any {}

impl Follows<Any> for Sync {}
impl Follows<Any> for Async {}
impl Follows<Any> for Durable {}

pub(crate) mod sealed {
    pub trait Sealed {}
}
