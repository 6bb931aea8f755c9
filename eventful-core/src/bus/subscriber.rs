//! A handler on its way onto a bus: linked, or a closure that a builder was given.

use std::any::TypeId;
use std::panic::Location;
use std::sync::Arc;

use super::reply::Reply;
use crate::event::{Event, EventInfo};
use crate::handler::{Constraint, HandlerInfo, Position};
use crate::raw::State;
use crate::registry::{HandlerCall, HandlerEntry};
use crate::resource::{Requirement, Resources};

#[derive(Clone)]
pub(super) struct Subscriber {
    pub(super) info: HandlerInfo,
    pub(super) event: EventInfo,
    pub(super) place: Place,
    pub(super) constraints: &'static [Constraint],
    function: Option<TypeId>,
    run: Run,
}

/// The place among handlers of the same `order`. Closures come after what is linked, in the order of the calls.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Place {
    Linked(Position, &'static str),
    Subscribed(usize),
}

#[derive(Clone)]
enum Run {
    Linked(&'static HandlerEntry),
    Closure(HandlerCall, State),
}

impl Subscriber {
    pub(super) fn linked(entry: &'static HandlerEntry) -> Self {
        Self {
            info: entry.info,
            event: entry.event,
            place: Place::Linked(entry.info.position, entry.info.id),
            constraints: entry.constraints,
            function: Some(entry.function()),
            run: Run::Linked(entry),
        }
    }

    pub(super) fn closure<E, O, Marker, C>(
        id: &'static str,
        sequence: usize,
        at: &'static Location<'static>,
        closure: C,
    ) -> Self
    where
        E: Event,
        O: Reply<E::Mode, Marker>,
        C: Fn(&E) -> O + Send + Sync + 'static,
    {
        let position = Position::new("", at.file(), at.line(), at.column());
        Self {
            info: HandlerInfo::new("", position).own_id(id),
            event: EventInfo::of::<E>(),
            place: Place::Subscribed(sequence),
            constraints: &[],
            function: None,
            run: Run::closure(closure),
        }
    }

    /// Replaces the body: id, order and place stay, and resources are no longer needed.
    pub(super) fn replace<E, O, Marker, C>(&mut self, at: &'static Location<'static>, closure: C)
    where
        E: Event,
        O: Reply<E::Mode, Marker>,
        C: Fn(&E) -> O + Send + Sync + 'static,
    {
        self.info.position =
            Position::new(self.info.module_path(), at.file(), at.line(), at.column());
        self.run = Run::closure(closure);
    }

    /// Which of a builder's closures this is; none of a linked handler.
    pub(super) fn sequence(&self) -> Option<usize> {
        match self.place {
            Place::Linked(..) => None,
            Place::Subscribed(sequence) => Some(sequence),
        }
    }

    pub(super) fn is_function(&self, function: TypeId) -> bool {
        self.function == Some(function)
    }

    /// Whether this is `entry`, replaced or not.
    pub(super) fn is_entry(&self, entry: &HandlerEntry) -> bool {
        self.is_function(entry.function())
            && self.event.type_id() == entry.event.type_id()
            && self.place == Place::Linked(entry.info.position, entry.info.id)
    }

    pub(super) fn requirements(&self) -> Vec<Requirement> {
        match &self.run {
            Run::Linked(entry) => (entry.requirements)(),
            Run::Closure(..) => Vec::new(),
        }
    }

    /// What goes into the table; none if a requirement is missing.
    pub(super) fn bind(&self, resources: &Resources) -> Option<(HandlerInfo, HandlerCall, State)> {
        match &self.run {
            Run::Linked(entry) => Some((self.info, entry.call, (entry.bind)(resources)?)),
            Run::Closure(call, closure) => Some((self.info, *call, Arc::clone(closure))),
        }
    }
}

impl Run {
    fn closure<E, O, Marker, C>(closure: C) -> Self
    where
        E: Event,
        O: Reply<E::Mode, Marker>,
        C: Fn(&E) -> O + Send + Sync + 'static,
    {
        Self::Closure(O::__call::<E, C>(), Arc::new(closure))
    }
}

/// A function that can be a handler of `E`. It names the handler in [`BusBuilder::replace`](super::BusBuilder::replace).
///
/// Implemented for functions over `&E` and up to twelve resources; `Marker` keeps the implementations apart.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not name a handler",
    note = "name a function with `#[handler(…)]` on it; one with `impl Trait` parameters can only be named by its id"
)]
pub trait HandlerFunction<E, Marker>: 'static {}

macro_rules! handler_functions {
    ($($resource:ident)*) => {
        // One concrete lifetime for the event lets the compiler infer `E` from the function alone.
        impl<F, E, O, $($resource),*> HandlerFunction<E, fn($($resource),*) -> O> for F
        where
            E: 'static,
            F: Fn(&'static E, $($resource),*) -> O + 'static,
        {
        }
    };
}

handler_functions!();
handler_functions!(A);
handler_functions!(A B);
handler_functions!(A B C);
handler_functions!(A B C D);
handler_functions!(A B C D F1);
handler_functions!(A B C D F1 G);
handler_functions!(A B C D F1 G H);
handler_functions!(A B C D F1 G H I);
handler_functions!(A B C D F1 G H I J);
handler_functions!(A B C D F1 G H I J K);
handler_functions!(A B C D F1 G H I J K L);
handler_functions!(A B C D F1 G H I J K L M);
