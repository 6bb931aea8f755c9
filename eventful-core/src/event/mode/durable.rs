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

impl NamesHandlers for Sync {}
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

impl OrdersHandlers for Sync {}
impl OrdersHandlers for Async {}
impl OrdersHandlers for InTransaction {}
#[diagnostic::do_not_recommend]
impl<M, L> OrdersHandlers for With<M, L> {}

/// Modes of which one handler may handle events beside those of the mode `First`.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "one handler cannot handle durable events and others",
    label = "this event is stored and delivered by a worker, and the first one is not, or the other way round",
    note = "write a function for each, which may call a third one"
)]
pub trait Beside<First> {}

impl Beside<Durable> for Durable {}
impl<First: NamesHandlers> Beside<First> for Sync {}
impl<First: NamesHandlers> Beside<First> for Async {}
#[diagnostic::do_not_recommend]
impl<M, L, First: NamesHandlers> Beside<First> for With<M, L> {}

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

impl RunsByThemselves for Durable {}
