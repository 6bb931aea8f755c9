//! What `#[handler]` leaves in the registry.

use std::any::{Any, TypeId};
use std::fmt;

use crate::delivery::{Delivery, Handling};
use crate::event::mode::{AcceptsAsync, Async};
use crate::event::{EventInfo, Events, Listen, Subject};
use crate::handler::{Constraint, HandlerInfo};
use crate::outcome::{Containing, Handled, contain};
use crate::raw::{Access, Bound, Call, FutureCall, FutureFunction, Leg};
use crate::report::HandlerResult;
use crate::resource::{Parameters, Requirement, Resources};

/// A handler's shim with its types forgotten.
pub(crate) type HandlerCall = Leg<Delivery, HandlerResult>;

/// A shim with its handler's parameters.
pub(crate) type BoundHandler = Bound<Delivery, HandlerResult>;

/// A linked handler: who it is, what it needs and how it is called.
#[doc(hidden)]
pub struct HandlerEntry {
    pub(crate) info: HandlerInfo,
    pub(crate) subject: Subject,
    pub(crate) constraints: &'static [Constraint],
    /// As the parameters are written, in their order.
    pub(crate) lent: &'static [&'static str],
    pub(crate) requirements: fn() -> Vec<Requirement>,
    returned: fn(&mut Vec<&'static EventInfo>),
    bind: fn(&HandlerCall, &Resources, &dyn Any) -> Option<BoundHandler>,
    call: HandlerCall,
    function: fn() -> TypeId,
}

impl HandlerEntry {
    /// `function` is the user's, which names the handler; `call` is the macro's, which takes the parameters apart.
    #[must_use]
    pub const fn new<E, P, F, C, L>(
        info: HandlerInfo,
        constraints: &'static [Constraint],
        _function: &F,
        call: C,
    ) -> Self
    where
        E: Listen + ?Sized,
        P: Parameters,
        F: 'static,
        C: for<'a> Fn(&'a E, &'a P, Handling<'a, E::Mode>) -> Handled<L>
            + Copy
            + Send
            + Sync
            + 'static,
        L: Events,
    {
        let call = Call::new::<E, E::__Access, P, _>(
            move |event: &E, parameters: &P, delivery: &Delivery| {
                contain(delivery, || {
                    call(event, parameters, Handling::new(delivery)).into_result()
                });
            },
        );
        Self::of::<E, P, F, L>(info, constraints, Leg::Now(call))
    }

    /// As [`new`](Self::new), of an `async fn`.
    #[must_use]
    pub const fn new_async<E, P, F, C, L>(
        info: HandlerInfo,
        constraints: &'static [Constraint],
        _function: &F,
        call: C,
    ) -> Self
    where
        E: Listen<Mode: AcceptsAsync> + ?Sized,
        P: Parameters,
        F: 'static,
        C: for<'a> FutureFunction<'a, E, P, Handling<'a, Async>, Handled<L>>
            + Send
            + Sync
            + 'static,
        L: Events + 'static,
    {
        let call = FutureCall::new::<E, E::__Access, P, _>(Containing::new(call));
        Self::of::<E, P, F, L>(info, constraints, Leg::Later(call))
    }

    const fn of<E: Listen + ?Sized, P: Parameters, F: 'static, L: Events>(
        info: HandlerInfo,
        constraints: &'static [Constraint],
        call: HandlerCall,
    ) -> Self {
        let subject = E::__LISTENED.0;
        Self {
            info: info.catch_all(subject.is_catch_all()),
            subject,
            constraints,
            lent: &[],
            requirements: P::requirements,
            returned: L::add_to,
            bind: bind::<E, P>,
            call,
            function: TypeId::of::<F>,
        }
    }

    /// What the handler is lent, as it is written.
    #[must_use]
    pub const fn lent(self, lent: &'static [&'static str]) -> Self {
        Self { lent, ..self }
    }

    pub(crate) fn function(&self) -> TypeId {
        (self.function)()
    }

    /// The events that the handler may return.
    pub(crate) fn returned(&self) -> Vec<&'static EventInfo> {
        let mut events = Vec::new();
        (self.returned)(&mut events);
        events
    }

    pub(crate) const fn is_async(&self) -> bool {
        matches!(self.call, Leg::Later(_))
    }

    /// The handler with its resources; `projection` leads from the event to what it listens to. None if a resource is
    /// missing.
    pub(crate) fn bind(&self, resources: &Resources, projection: &dyn Any) -> Option<BoundHandler> {
        (self.bind)(&self.call, resources, projection)
    }

    pub(crate) fn sort_key(&self) -> impl Ord + use<> {
        // The subject comes last: one function may handle several.
        (
            self.info.order,
            self.info.position,
            self.info.id,
            self.subject.sort_key(),
        )
    }
}

impl fmt::Debug for HandlerEntry {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "HandlerEntry({} of {})", self.info, self.subject)
    }
}

fn bind<E: Listen + ?Sized, P: Parameters>(
    call: &HandlerCall,
    resources: &Resources,
    projection: &dyn Any,
) -> Option<BoundHandler> {
    let parameters = P::bind(resources)?;
    Some(bind_to::<E, P>(*call, projection, parameters))
}

/// Gives a call its state, and the way from the event to `E`.
///
/// # Panics
///
/// If `projection` is none of `E`.
pub(crate) fn bind_to<E: Listen + ?Sized, S: Send + Sync + 'static>(
    call: HandlerCall,
    projection: &dyn Any,
    state: S,
) -> BoundHandler {
    type Projection<E> = <<E as Listen>::__Access as Access<E>>::Projection;
    let projection = projection
        .downcast_ref::<Projection<E>>()
        .expect("the projection is of what the handler listens to");
    Bound::new::<E, E::__Access, S>(call, projection.clone(), state)
}

#[cfg(test)]
mod tests {
    use super::HandlerEntry;

    #[test]
    fn its_debug_names_the_handler_and_what_it_handles() {
        let entry = HandlerEntry::sentinel();
        let text = format!("HandlerEntry({} of eventful::Sentinel)", entry.info);
        assert_eq!(format!("{entry:?}"), text);
    }
}
