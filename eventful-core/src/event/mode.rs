//! The modes of events: synchronous and asynchronous.

use std::panic::Location;

use super::{Event, Events};
// The one knot: the bus, which is defined above, is an argument here. Nothing of it is called.
use crate::bus::Bus;

/// The mode of an event, which decides the type that `publish` returns.
///
/// The trait is sealed; [`Sync`] and [`Async`] are its implementors.
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
    /// The type that publishing an event of this mode returns.
    type Publication<'a, E: Event>;

    /// The events of a handler that returns `E`: `E` alone, in every mode. The mode is asked for it so that the compiler
    /// reports a type that is no event only once.
    #[doc(hidden)]
    type __Only<E: Event>: Events;

    #[doc(hidden)]
    const __IS_ASYNC: bool;

    #[doc(hidden)]
    fn __publish<'a, E: Event<Mode = Self>>(
        bus: &'a Bus,
        event: &'a E,
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

/// Modes whose events may have asynchronous handlers.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "an `async fn` cannot handle a synchronous event, or a synchronous family",
    label = "this is synchronous",
    note = "write `#[event(async)]` on the event, and await its `publish`, or `#[family(async)]` on the family; or remove `async` from \
            the handler"
)]
pub trait AcceptsAsync {}

impl AcceptsAsync for Async {}

/// Modes of events that can be pending in a `Pending<M>`.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "`pending()` does not take asynchronous events",
    label = "this event is asynchronous",
    note = "write `pending_async()`, which takes both kinds, and await its `publish`"
)]
pub trait PendingIn<M> {}

impl PendingIn<Sync> for Sync {}
impl<M: Mode> PendingIn<Async> for M {}

/// Modes of events that may belong to families of the mode `Family`.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "a synchronous event cannot belong to an asynchronous family",
    label = "the family is asynchronous, and the event is not",
    note = "write `#[event(async, …)]` on the event, and await its `publish`; or `#[family]` on the trait, whose handlers are then \
            synchronous"
)]
pub trait Joins<Family> {}

impl<M: Mode> Joins<Sync> for M {}
impl Joins<Async> for Async {}

/// Modes of events that a handler of an event of the mode `Handled` may return.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "a handler of a synchronous event cannot return an asynchronous event",
    label = "what is returned is published within the publish of the handled event, which does not wait",
    note = "write `#[event(async)]` on the event that is handled, and await its `publish`; or return a synchronous event"
)]
pub trait Follows<Handled> {}

impl Follows<Sync> for Sync {}
impl<M: Mode> Follows<Async> for M {}

pub(crate) mod sealed {
    pub trait Sealed {}
}
