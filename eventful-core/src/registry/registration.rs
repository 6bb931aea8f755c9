//! A handler that is being registered under an id of its own, or in the publisher's transaction.

use std::marker::PhantomData;

use super::entry::HandlerEntry;
use crate::event::Listen;
use crate::event::mode::{Beside, HasDeadLetters, InTransaction, OrdersHandlers, RunsByThemselves};
use crate::handler::{Constraint, SeparateOptions};

/// An entry in the making. `M` is the mode of the event, by which some options have no meaning: their methods are bounded, so
/// that such an option is one compile error, at its name.
#[doc(hidden)]
#[derive(Debug)]
pub struct Registration<M> {
    entry: HandlerEntry,
    mode: PhantomData<fn() -> M>,
}

impl<M> Registration<M> {
    pub(super) const fn new(entry: HandlerEntry) -> Self {
        Self {
            entry,
            mode: PhantomData,
        }
    }

    #[must_use]
    pub const fn own_id(self, id: &'static &'static str) -> Self {
        Self::new(self.entry.own_id(id))
    }

    #[must_use]
    pub const fn guarded(self) -> Self {
        Self::new(self.entry.guarded())
    }

    /// Compares the mode of the event with that of the first event of the handler. The event is named, so that a mistake is an
    /// error there.
    #[must_use]
    pub const fn beside<E, First>(self) -> Self
    where
        E: Listen<Mode: Beside<First::Mode, First, E>> + ?Sized,
        First: Listen + ?Sized,
    {
        self
    }

    /// Has the handler run in the publisher's transaction. It comes before the options of the order.
    #[must_use]
    pub const fn in_transaction(self) -> Registration<InTransaction>
    where
        M: RunsByThemselves,
    {
        Registration::new(self.entry.in_transaction())
    }

    #[must_use]
    pub const fn order_at(self, order: i32) -> Self
    where
        M: OrdersHandlers,
    {
        Self::new(self.entry.order_at(order))
    }

    #[must_use]
    pub const fn constrained<const N: usize>(self, constraints: &'static [Constraint; N]) -> Self
    where
        M: OrdersHandlers,
    {
        Self::new(self.entry.constrained(constraints))
    }

    /// Says how the handler is run by itself.
    #[must_use]
    pub const fn separate(self, options: &'static SeparateOptions) -> Self
    where
        M: RunsByThemselves,
    {
        Self::new(self.entry.separate(options))
    }

    /// Says whose dead letters the handler gets. The event is named, so that a mistake is an error there.
    #[must_use]
    pub const fn on_dead<E>(self, options: &'static SeparateOptions) -> Self
    where
        E: Listen<Mode: HasDeadLetters<E>> + ?Sized,
    {
        Self::new(self.entry.separate(options))
    }

    #[must_use]
    pub const fn entry(self) -> HandlerEntry {
        self.entry
    }
}
