//! The resources that a builder was given.

use std::any::{TypeId, type_name};
use std::panic::Location;
use std::sync::Arc;

use eventful_wiring::ProvidedResource;

use super::{Bus, WeakBus};
use crate::delivery::Delivery;
use crate::handler::Position;
use crate::raw::Shared;
use crate::registry::BusHandler;
use crate::report::WiringFault;
use crate::resource::{Requirement, Resources, share};

#[derive(Clone, Default)]
pub(super) struct Providers(Vec<Provider>);

#[derive(Clone)]
struct Provider {
    resources: Vec<Provided>,
    provided_at: &'static Location<'static>,
    is_inherited: bool,
    add_to: AddTo,
}

/// Adds the resources, those of `provide_with` made for the given bus.
type AddTo = Arc<dyn Fn(&mut Resources, &WeakBus) + Send + Sync>;

#[derive(Clone, Copy)]
struct Provided {
    type_id: TypeId,
    type_name: &'static str,
}

impl Provided {
    fn of<T: ?Sized + 'static>() -> Self {
        Self {
            type_id: TypeId::of::<T>(),
            type_name: type_name::<T>(),
        }
    }
}

impl Providers {
    /// The same providers for a derived bus, which may replace them.
    pub(super) fn inherited(&self) -> Self {
        Self(
            self.0
                .iter()
                .cloned()
                .map(|provider| Provider {
                    is_inherited: true,
                    ..provider
                })
                .collect(),
        )
    }

    pub(super) fn provide<T: Send + Sync + 'static>(
        &mut self,
        resource: T,
        at: &'static Location<'static>,
        faults: &mut Vec<WiringFault>,
    ) {
        let resource = Arc::new(resource);
        let add_to = move |resources: &mut Resources, _: &WeakBus| {
            resources.provide(share(Arc::clone(&resource)));
        };
        self.add(vec![Provided::of::<T>()], at, Arc::new(add_to), faults);
    }

    pub(super) fn provide_arc<T: ?Sized + Send + Sync + 'static>(
        &mut self,
        resource: Arc<T>,
        at: &'static Location<'static>,
        faults: &mut Vec<WiringFault>,
    ) {
        let owner = Arc::new(resource);
        let add_to = move |resources: &mut Resources, _: &WeakBus| {
            resources.provide::<T>(Shared::new(Arc::clone(&owner), |owner| &**owner));
            resources.provide::<Arc<T>>(share(Arc::clone(&owner)));
        };
        self.add(
            vec![Provided::of::<T>(), Provided::of::<Arc<T>>()],
            at,
            Arc::new(add_to),
            faults,
        );
    }

    pub(super) fn provide_with<T: Send + Sync + 'static>(
        &mut self,
        make: impl Fn(WeakBus) -> T + Send + Sync + 'static,
        at: &'static Location<'static>,
        faults: &mut Vec<WiringFault>,
    ) {
        let add_to = move |resources: &mut Resources, bus: &WeakBus| {
            resources.provide(share(Arc::new(make(bus.clone()))));
        };
        self.add(vec![Provided::of::<T>()], at, Arc::new(add_to), faults);
    }

    fn add(
        &mut self,
        provided: Vec<Provided>,
        at: &'static Location<'static>,
        add_to: AddTo,
        faults: &mut Vec<WiringFault>,
    ) {
        for resource in &provided {
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
        self.0.push(Provider {
            resources: provided,
            provided_at: at,
            is_inherited: false,
            add_to,
        });
    }

    /// Finds the resources that handlers need and nothing provides, each once for a handler.
    pub(super) fn find_missing(&self, handlers: &[BusHandler], faults: &mut Vec<WiringFault>) {
        for handler in handlers {
            let mut missing: Vec<Requirement> = handler.requirements();
            missing.retain(|it| !it.is_optional && !self.provide_type(it.type_id));
            for (index, requirement) in missing.iter().enumerate() {
                let mut earlier = missing[..index].iter();
                if !earlier.any(|it| it.type_id == requirement.type_id) {
                    let (info, subject) = (handler.info, handler.subject);
                    let resource = requirement.type_name;
                    faults.push(WiringFault::missing_resource(info, subject, resource));
                }
            }
        }
    }

    fn provide_type(&self, type_id: TypeId) -> bool {
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
    fn provides(&self, type_id: TypeId) -> bool {
        self.resources
            .iter()
            .any(|resource| resource.type_id == type_id)
    }
}

/// The types that every handler can ask for and nobody provides.
const ALWAYS_THERE: [fn() -> TypeId; 2] = [TypeId::of::<Bus>, TypeId::of::<Delivery>];
