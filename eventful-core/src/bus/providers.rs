//! The resources that a builder was given.

use std::any::TypeId;
use std::collections::HashSet;
use std::panic::Location;
use std::sync::Arc;

use eventful_wiring::ProvidedResource;
use eventful_wiring::resolve::near_miss;

use super::{Bus, WeakBus};
use crate::delivery::Delivery;
use crate::event::{EventInfo, Subject};
use crate::handler::Position;
use crate::log;
use crate::raw::{LentType, Shared};
use crate::registry::{BusHandler, Registry};
use crate::report::WiringFault;
use crate::resource::{Requirement, ResourceType, Resources, share};

#[derive(Clone, Default)]
pub(super) struct Providers(Vec<Provider>);

/// One builder call.
#[derive(Clone)]
pub(super) struct Provider {
    resources: Vec<ResourceType>,
    provided_at: At,
    is_inherited: bool,
    add_to: AddTo,
}

/// The position of a builder call.
type At = &'static Location<'static>;

/// Adds the resources, those of `provide_with` made for the given bus.
type AddTo = Arc<dyn Fn(&mut Resources, &WeakBus) + Send + Sync>;

impl Providers {
    /// The same providers for a derived bus, which may replace them.
    pub(super) fn inherited(&self) -> Self {
        let mut providers = self.clone();
        for provider in &mut providers.0 {
            provider.is_inherited = true;
        }
        providers
    }

    pub(super) fn add(&mut self, provider: Provider, faults: &mut Vec<WiringFault>) {
        let at = provider.provided_at;
        for resource in &provider.resources {
            if ALWAYS_THERE
                .iter()
                .any(|always| always() == resource.type_id)
            {
                faults.push(WiringFault::always_there(resource.type_name, at));
            }
            // The whole inherited provider goes, so that `&T` and `&Arc<T>` never come from different ones.
            self.0
                .retain(|earlier| !(earlier.is_inherited && earlier.provides(resource.type_id)));
            if let Some(earlier) = self
                .0
                .iter()
                .find(|earlier| earlier.provides(resource.type_id))
            {
                let (name, first) = (resource.type_name, earlier.provided_at);
                faults.push(WiringFault::provided_twice(name, first, at));
            }
        }
        self.0.push(provider);
    }

    /// Finds the resources that handlers need and nothing provides, each once for a handler.
    pub(super) fn find_missing(&self, handlers: &[BusHandler], faults: &mut Vec<WiringFault>) {
        for (handler, requirement) in self.missing(handlers) {
            if !requirement.is_optional {
                let (info, subject) = (handler.info, handler.subject);
                let lender = lender(requirement.resource.type_id);
                let (name, provided) = (requirement.resource.type_name, self.wiring());
                let fault = WiringFault::missing_resource(info, subject, name, &provided, lender);
                faults.push(fault);
            }
        }
        for handler in handlers {
            for requirement in handler.requirements() {
                if is_lent_mutably(handler, &requirement) {
                    let name = requirement.resource.type_name;
                    faults.push(WiringFault::not_what_is_lent(
                        handler.info,
                        handler.subject,
                        name,
                    ));
                }
            }
        }
    }

    /// Logs the resources that handlers do without.
    pub(super) fn log_absent(&self, handlers: &[BusHandler]) {
        for (handler, requirement) in self.missing(handlers) {
            if requirement.is_optional {
                let name = requirement.resource.type_name;
                log::absent_resource(&handler.info, name, || near_miss(name, &self.wiring()));
            }
        }
    }

    /// The resources that handlers ask for and nothing provides, each once for a handler.
    fn missing<'a>(
        &self,
        handlers: &'a [BusHandler],
    ) -> impl Iterator<Item = (&'a BusHandler, Requirement)> {
        handlers.iter().flat_map(|handler| {
            let mut seen = HashSet::new();
            let mut missing = handler.requirements();
            missing.retain(|it| {
                let type_id = it.resource.type_id;
                let is_missing =
                    !it.is_lent && !is_lent_mutably(handler, it) && !self.provide_type(type_id);
                is_missing && seen.insert((type_id, it.is_optional))
            });
            missing.into_iter().map(move |it| (handler, it))
        })
    }

    pub(super) fn provide_type(&self, type_id: TypeId) -> bool {
        ALWAYS_THERE.iter().any(|always| always() == type_id)
            || self.0.iter().any(|provider| provider.provides(type_id))
    }

    /// The resources as plain data.
    pub(super) fn wiring(&self) -> Vec<ProvidedResource> {
        let provided = self.0.iter().flat_map(|provider| {
            let at = provider.provided_at;
            let position = Position::new("", at.file(), at.line(), at.column());
            let resources = provider.resources.iter();
            resources
                .map(move |it| ProvidedResource::new(it.type_name.to_owned(), position.owned()))
        });
        provided.collect()
    }

    /// The resources for handlers. Those of `provide_with` are made now, for `bus`.
    pub(super) fn resources(&self, bus: &WeakBus) -> Resources {
        let mut resources = Resources::default();
        resources.provide_from_delivery::<Bus>();
        resources.provide_from_delivery::<Delivery>();
        for provider in &self.0 {
            (provider.add_to)(&mut resources, bus);
        }
        resources
    }
}

impl Provider {
    pub(super) fn of<T: Send + Sync + 'static>(resource: T, at: At) -> Self {
        let resource = Arc::new(resource);
        Self::new(vec![ResourceType::of::<T>()], at, move |resources, _| {
            resources.provide(share(Arc::clone(&resource)));
        })
    }

    pub(super) fn of_arc<T: ?Sized + Send + Sync + 'static>(resource: Arc<T>, at: At) -> Self {
        let owner = Arc::new(resource);
        let types = vec![ResourceType::of::<T>(), ResourceType::of::<Arc<T>>()];
        Self::new(types, at, move |resources, _| {
            resources.provide::<T>(Shared::new(Arc::clone(&owner), |owner| &**owner));
            resources.provide::<Arc<T>>(share(Arc::clone(&owner)));
        })
    }

    pub(super) fn made_by<T: Send + Sync + 'static>(
        make: impl Fn(WeakBus) -> T + Send + Sync + 'static,
        at: At,
    ) -> Self {
        let types = vec![ResourceType::of::<T>()];
        Self::new(types, at, move |resources, bus| {
            resources.provide(share(Arc::new(make(bus.clone()))));
        })
    }

    fn new(
        resources: Vec<ResourceType>,
        provided_at: At,
        add_to: impl Fn(&mut Resources, &WeakBus) + Send + Sync + 'static,
    ) -> Self {
        Self {
            resources,
            provided_at,
            is_inherited: false,
            add_to: Arc::new(add_to),
        }
    }

    fn provides(&self, type_id: TypeId) -> bool {
        self.resources
            .iter()
            .any(|resource| resource.type_id == type_id)
    }
}

/// Tells if a handler asks for a `&T` where its event lends a `&mut T`: a `T` of the bus would be another one.
fn is_lent_mutably(handler: &BusHandler, requirement: &Requirement) -> bool {
    let Subject::Event(event) = handler.subject else {
        return false;
    };
    let is_it = |lent: LentType| lent.is_mutable() && lent.target() == requirement.resource.type_id;
    !requirement.is_lent && event.lent().is_some_and(is_it)
}

/// A linked event that lends this type with each publish.
fn lender(lent: TypeId) -> Option<&'static EventInfo> {
    let mut linked = Registry::get().events().iter().copied();
    linked.find(|event| event.lent().is_some_and(|it| it.target() == lent))
}

/// The types that every handler can ask for and nobody provides.
const ALWAYS_THERE: [fn() -> TypeId; 2] = [TypeId::of::<Bus>, TypeId::of::<Delivery>];
