//! A handler on its way onto a bus: linked, or a closure that a builder was given.

use std::any::{Any, TypeId};
use std::panic::Location;
use std::sync::Arc;

use super::reply::Reply;
use crate::event::{EventInfo, Events, Listen, Subject};
use crate::handler::{Constraint, HandlerInfo, Position};
use crate::registry::{BoundHandler, LinkedHandler, bind_to};
use crate::resource::{Requirement, Resources};

#[derive(Clone)]
pub(crate) struct Subscriber {
    pub(crate) info: HandlerInfo,
    pub(crate) subject: Subject,
    pub(super) place: Place,
    pub(crate) constraints: &'static [Constraint],
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
    Linked(&'static LinkedHandler),
    Closure {
        bind: Bind,
        returned: fn(&mut Vec<&'static EventInfo>),
        is_async: bool,
    },
}

/// Gives a closure the projection from the event of a table.
type Bind = Arc<dyn Fn(&dyn Any) -> BoundHandler + Send + Sync>;

impl Subscriber {
    pub(super) fn linked(entry: &'static LinkedHandler) -> Self {
        Self {
            info: entry.info,
            subject: entry.subject,
            place: Place::Linked(entry.info.position, entry.info.id),
            constraints: entry.constraints(),
            function: Some(entry.function),
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
        E: Listen + ?Sized,
        O: Reply<E::Mode, Marker>,
        C: Fn(&E) -> O + Send + Sync + 'static,
    {
        let subject = Subject::of::<E>();
        let position = Position::new("", at.file(), at.line(), at.column());
        Self {
            info: HandlerInfo::new("", position)
                .own_id(id)
                .catch_all(subject.is_catch_all()),
            subject,
            place: Place::Subscribed(sequence),
            constraints: &[],
            function: None,
            run: Run::closure(closure),
        }
    }

    /// Replaces the body: id, order and place stay, and resources are no longer needed.
    pub(super) fn replace<E, O, Marker, C>(&mut self, at: &'static Location<'static>, closure: C)
    where
        E: Listen + ?Sized,
        O: Reply<E::Mode, Marker>,
        C: Fn(&E) -> O + Send + Sync + 'static,
    {
        let module_path = self.info.module_path();
        let position = Position::new(module_path, at.file(), at.line(), at.column());
        self.info = self.info.replaced_at(position);
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
    pub(super) fn is_entry(&self, entry: &LinkedHandler) -> bool {
        self.is_function(entry.function)
            && self.subject.type_id() == entry.subject.type_id()
            && self.place == Place::Linked(entry.info.position, entry.info.id)
    }

    pub(crate) fn requirements(&self) -> Vec<Requirement> {
        match &self.run {
            Run::Linked(entry) => entry.requirements(),
            Run::Closure { .. } => Vec::new(),
        }
    }

    /// The same, as it is written.
    pub(crate) fn lent(&self) -> impl Iterator<Item = &'static str> {
        let linked = match &self.run {
            Run::Linked(entry) => Some(entry.lent()),
            Run::Closure { .. } => None,
        };
        linked.into_iter().flatten()
    }

    /// The events that it may return.
    pub(crate) fn returned(&self) -> Vec<&'static EventInfo> {
        match &self.run {
            Run::Linked(entry) => entry.returned(),
            Run::Closure { returned, .. } => {
                let mut events = Vec::new();
                returned(&mut events);
                events
            }
        }
    }

    pub(crate) fn is_async(&self) -> bool {
        match &self.run {
            Run::Linked(entry) => entry.is_async(),
            Run::Closure { is_async, .. } => *is_async,
        }
    }

    /// Whether a builder was given a closure for it: as a handler of its own, or in the place of a linked one.
    pub(crate) fn is_closure(&self) -> bool {
        matches!(self.run, Run::Closure { .. })
    }

    /// What goes into a table, with the `projection` that leads from its event to the subject; none if a resource is
    /// missing.
    pub(super) fn bind(&self, resources: &Resources, projection: &dyn Any) -> Option<BoundHandler> {
        match &self.run {
            Run::Linked(entry) => entry.bind(resources, projection),
            Run::Closure { bind, .. } => Some(bind(projection)),
        }
    }
}

impl Run {
    fn closure<E, O, Marker, C>(closure: C) -> Self
    where
        E: Listen + ?Sized,
        O: Reply<E::Mode, Marker>,
        C: Fn(&E) -> O + Send + Sync + 'static,
    {
        let call = O::__call::<E, C>();
        let closure = Arc::new(closure);
        Self::Closure {
            bind: Arc::new(move |projection| {
                bind_to::<E, Arc<C>>(call, projection, Arc::clone(&closure))
            }),
            returned: <O::__Events as Events>::add_to,
            is_async: call.is_async(),
        }
    }
}

/// A function that can be a handler of `E`. It names the handler in
/// [`BusBuilder::replace`](super::BusBuilder::replace).
///
/// Functions over `&E` and up to twelve resources implement it; `Marker` keeps the implementations apart.
///
/// # Examples
///
/// ```
/// use eventful::{Bus, event, handler};
///
/// #[event]
/// struct OrderCreated;
///
/// #[handler(OrderCreated)]
/// fn send_mail(_: &OrderCreated, server: &String) {}
///
/// let bus = Bus::isolated().with(send_mail).replace(send_mail, |_: &OrderCreated| ()).build()?;
/// assert_eq!(bus.publish(&OrderCreated)?.handled(), 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not name a handler",
    note = "name a function with `#[handler(…)]` on it; one with `impl Trait` parameters can only be named by its id"
)]
pub trait HandlerFunction<E: ?Sized, Marker>: 'static {}

macro_rules! handler_functions {
    ($($resource:ident)*) => {
        // One concrete lifetime for the event lets the compiler infer `E` from the function alone.
        impl<F, E, O, $($resource),*> HandlerFunction<E, fn($($resource),*) -> O> for F
        where
            E: ?Sized + 'static,
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
