//! What `#[handler]` leaves in the registry.

use std::any::TypeId;
use std::fmt;
use std::sync::Arc;

use crate::delivery::Delivery;
use crate::event::mode::AcceptsAsync;
use crate::event::{Event, EventInfo};
use crate::handler::{Constraint, HandlerInfo};
use crate::outcome::{Containing, contain};
use crate::raw::{Call, FutureCall, FutureFunction, Leg, State};
use crate::report::HandlerResult;
use crate::resource::{Parameters, Requirement, Resources};

/// A handler's shim with its types forgotten.
pub(crate) type HandlerCall = Leg<Delivery, HandlerResult>;

/// A linked handler: who it is, what it needs and how it is called.
#[doc(hidden)]
pub struct HandlerEntry {
    pub(crate) info: HandlerInfo,
    pub(crate) event: EventInfo,
    pub(crate) constraints: &'static [Constraint],
    pub(crate) requirements: fn() -> Vec<Requirement>,
    pub(crate) bind: fn(&Resources) -> Option<State>,
    pub(crate) call: HandlerCall,
    function: fn() -> TypeId,
}

impl HandlerEntry {
    /// `function` is the user's, which names the handler; `call` is the macro's, which takes the parameters apart.
    #[must_use]
    pub const fn new<E, P, F, C>(
        info: HandlerInfo,
        constraints: &'static [Constraint],
        _function: &F,
        call: C,
    ) -> Self
    where
        E: Event,
        P: Parameters,
        F: 'static,
        C: for<'a> Fn(&'a E, &'a P, &'a Delivery) -> HandlerResult + Copy + Send + Sync + 'static,
    {
        let call = Call::new::<E, P, _>(move |event: &E, parameters: &P, delivery: &Delivery| {
            contain(|| call(event, parameters, delivery))
        });
        Self::of::<E, P, F>(info, constraints, Leg::Now(call))
    }

    /// As [`new`](Self::new), of an `async fn`.
    #[must_use]
    pub const fn new_async<E, P, F, C>(
        info: HandlerInfo,
        constraints: &'static [Constraint],
        _function: &F,
        call: C,
    ) -> Self
    where
        E: Event<Mode: AcceptsAsync>,
        P: Parameters,
        F: 'static,
        C: for<'a> FutureFunction<'a, E, P, Delivery, HandlerResult> + Send + Sync + 'static,
    {
        let call = FutureCall::new::<E, P, _>(Containing(call));
        Self::of::<E, P, F>(info, constraints, Leg::Later(call))
    }

    const fn of<E: Event, P: Parameters, F: 'static>(
        info: HandlerInfo,
        constraints: &'static [Constraint],
        call: HandlerCall,
    ) -> Self {
        Self {
            info,
            event: EventInfo::of::<E>(),
            constraints,
            requirements: P::requirements,
            bind: bind::<P>,
            call,
            function: TypeId::of::<F>,
        }
    }

    pub(crate) fn function(&self) -> TypeId {
        (self.function)()
    }

    pub(crate) fn sort_key(&self) -> impl Ord + use<> {
        // The event comes last: one function may handle several.
        (
            self.info.order,
            self.info.position,
            self.info.id,
            self.event.sort_key(),
        )
    }
}

impl fmt::Debug for HandlerEntry {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "HandlerEntry({} of {})",
            self.info,
            self.event.name()
        )
    }
}

fn bind<P: Parameters>(resources: &Resources) -> Option<State> {
    P::bind(resources).map(|parameters| Arc::new(parameters) as State)
}
