//! What `#[handler]` leaves in the registry.

use std::any::TypeId;
use std::fmt;
use std::sync::Arc;

use crate::delivery::Delivery;
use crate::event::{Event, EventInfo};
use crate::handler::{Constraint, HandlerInfo};
use crate::outcome::contain;
use crate::raw::{Call, State};
use crate::report::HandlerResult;
use crate::resource::{Parameters, Requirement, Resources};

/// A handler's shim with its types forgotten.
pub(crate) type HandlerCall = Call<Delivery, HandlerResult>;

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
        Self {
            info,
            event: EventInfo::of::<E>(),
            constraints,
            requirements: P::requirements,
            bind: bind::<P>,
            call: Call::new::<E, P, _>(move |event: &E, parameters: &P, delivery: &Delivery| {
                contain(|| call(event, parameters, delivery))
            }),
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
