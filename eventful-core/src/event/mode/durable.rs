//! The mode of durable events, and what the modes say about the identity and the order of their handlers.

use super::sealed::Sealed;
use super::{Async, Event, Lends, Mode, Sync, With};
use crate::event::One;
use crate::raw::{LentMut, LentSlot};

/// The mode of `#[event(durable, …)]`: `publish` writes the event in the caller's transaction, and each handler gets it by
/// itself after the commit.
///
/// The feature `durable` has the attribute, and `eventful::durable` what delivers such events.
///
/// # Examples
///
/// ```
/// use eventful::{Event, mode};
///
/// fn names_what_is_kept<E: Event<Mode = mode::Durable>>() -> &'static str {
///     E::NAME
/// }
/// ```
#[derive(Debug)]
pub enum Durable {}

impl Sealed for Durable {}

impl Mode for Durable {
    type __Only<E: Event> = One<E>;
    const __IS_ASYNC: bool = true;
    const __IS_DURABLE: bool = true;
}

/// A transaction, which the publisher or the worker has.
#[diagnostic::do_not_recommend]
impl<T: 'static> Lends<T> for Durable {
    fn __borrow(slot: &LentSlot) -> Option<LentMut<'_, T>> {
        slot.borrow_mut()
    }
}

/// Modes whose handlers need no id of their own.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "a handler of a durable event needs an id of its own",
    label = "this event, or family, is durable",
    note = "under its id the store keeps how far the handler has come, also when the function is renamed or moved: write `id = \"…\"` \
            after the event, such as `id = \"billing.invoice\"`",
    note = "a handler that is to run in the publisher's transaction, before the commit, needs none: write `in_transaction`"
)]
pub trait NamesHandlers {}

#[diagnostic::do_not_recommend]
impl NamesHandlers for Sync {}
#[diagnostic::do_not_recommend]
impl NamesHandlers for Async {}
#[diagnostic::do_not_recommend]
impl<M, L> NamesHandlers for With<M, L> {}

/// Modes whose handlers run one after the other.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "handlers of a durable event have no order among them",
    label = "each runs by itself, in its own time, perhaps in another process",
    note = "if this is to happen after another handler has succeeded, have that one return an event, and handle that: \
            `-> Result<StockReserved, StockError>`",
    note = "handlers in the publisher's transaction do have an order: write `in_transaction`"
)]
pub trait OrdersHandlers {}

#[diagnostic::do_not_recommend]
impl OrdersHandlers for Sync {}
#[diagnostic::do_not_recommend]
impl OrdersHandlers for Async {}
#[diagnostic::do_not_recommend]
impl OrdersHandlers for InTransaction {}
#[diagnostic::do_not_recommend]
impl<M, L> OrdersHandlers for With<M, L> {}

/// Modes of which one handler may handle events beside those of the mode `M`. The message names the two events.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "one handler listens to events of one colour: write a second handler for `{Event}`",
    label = "of this event and `{First}`, one is durable and the other is not",
    note = "a durable event is stored, and its handlers run after the commit; those of any other event run within its publish",
    note = "a function that both handlers call can do what they have in common"
)]
pub trait Beside<M, First: ?Sized, Event: ?Sized> {}

#[diagnostic::do_not_recommend]
impl<M: RunsByThemselves, F: ?Sized, E: ?Sized> Beside<M, F, E> for Durable {}
#[diagnostic::do_not_recommend]
impl<M: NamesHandlers, F: ?Sized, E: ?Sized> Beside<M, F, E> for Sync {}
#[diagnostic::do_not_recommend]
impl<M: NamesHandlers, F: ?Sized, E: ?Sized> Beside<M, F, E> for Async {}
#[diagnostic::do_not_recommend]
impl<N, L, M: NamesHandlers, F: ?Sized, E: ?Sized> Beside<M, F, E> for With<N, L> {}

/// The mode of durable events, for handlers that run in the publisher's transaction.
#[doc(hidden)]
#[derive(Debug)]
pub enum InTransaction {}

/// Modes whose handlers run by themselves, or in the publisher's transaction.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "this option is for handlers of durable events",
    label = "the event, or the family, is not durable: its handlers run within `publish`",
    note = "remove the option; or write `#[event(durable, name = \"…\")]` on the event, which is then published in a transaction",
    note = "a handler takes part in the transaction of another event with `#[event(with = mut Connection)]`"
)]
pub trait RunsByThemselves {}

#[diagnostic::do_not_recommend]
impl RunsByThemselves for Durable {}

/// Modes whose handlers give up some events.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "`{Event}` is not durable, so that no handler of it has dead letters",
    label = "this event, or family, is not durable",
    note = "remove `#[on_dead(…)]`; or write `#[event(durable, name = \"…\")]` on the event, which is then published in a transaction"
)]
pub trait HasDeadLetters<Event: ?Sized> {}

#[diagnostic::do_not_recommend]
impl<Event: ?Sized> HasDeadLetters<Event> for Durable {}
