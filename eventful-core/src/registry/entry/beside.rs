//! The entries of a handler without an id for its events beside the first one.

use super::{HandlerEntry, describe, describe_async};
use crate::delivery::Handling;
use crate::event::mode::{AcceptsAsync, Beside};
use crate::event::{Events, Listen};
use crate::outcome::Handled;
use crate::raw::FutureFunction;
use crate::resource::Parameters;

impl HandlerEntry {
    /// Makes the entry of a function for an event beside the `First` one, from the arguments of [`new`](Self::new). The two
    /// have the same colour, so that an id is asked for at the first event alone.
    #[must_use]
    pub const fn beside<E, P, F, C, L, First>(
        text: &'static str,
        position: (&'static str, u32, u32),
        _function: &F,
        call: C,
    ) -> Self
    where
        E: Listen<Mode: Beside<First::Mode, First, E>> + ?Sized,
        P: Parameters,
        F: 'static,
        C: for<'a> Fn(&'a E, &'a P, Handling<'a, E::Mode>) -> Handled<L>
            + Copy
            + Send
            + Sync
            + 'static,
        L: Events,
        First: Listen + ?Sized,
    {
        let description = describe::<E, P, F, C, L>(call);
        Self::of(text, position, description)
    }

    /// Makes the entry of an `async fn`, from the same arguments.
    #[must_use]
    pub const fn beside_async<E, P, F, C, L, First>(
        text: &'static str,
        position: (&'static str, u32, u32),
        _function: &F,
        call: C,
    ) -> Self
    where
        E: Listen<Mode: AcceptsAsync + Beside<First::Mode, First, E>> + ?Sized,
        P: Parameters,
        F: 'static,
        C: for<'a> FutureFunction<'a, E, P, Handling<'a, E::Mode>, Handled<L>>
            + Send
            + Sync
            + 'static,
        L: Events + 'static,
        First: Listen + ?Sized,
    {
        let description = describe_async::<E, P, F, C, L>(call);
        Self::of(text, position, description)
    }
}
