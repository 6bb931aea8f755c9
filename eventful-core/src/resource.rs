//! What handlers may ask for beside the event, and how they get it.

use std::any::{Any, TypeId, type_name};
use std::collections::HashMap;
use std::process;
use std::sync::Arc;

use crate::delivery::{Delivery, Handling};
use crate::raw::{Shared, as_same_type};

/// What a parameter `&T` of a handler becomes.
#[doc(hidden)]
pub type Required<T> = <T as Resource>::Required;

/// What a parameter `Option<&T>` of a handler becomes.
#[doc(hidden)]
pub type Optional<T> = <T as Resource>::Optional;

/// What handlers can be lent.
///
/// Expansions name [`Required`] and [`Optional`] through this trait, so that a type that is no resource is one error, and
/// it stands where the type does.
#[doc(hidden)]
pub trait Resource {
    type Required: Parameter;
    type Optional: Parameter;
}

impl<T: ?Sized + Sync + 'static> Resource for T {
    type Required = RequiredResource<T>;
    type Optional = OptionalResource<T>;
}

/// A `&T`, found when the bus is built.
#[doc(hidden)]
#[expect(
    missing_debug_implementations,
    reason = "hidden; a resource need not be `Debug`"
)]
pub struct RequiredResource<T: ?Sized>(Source<T>);

/// A `&T`, if the bus has one.
#[doc(hidden)]
#[expect(
    missing_debug_implementations,
    reason = "hidden; a resource need not be `Debug`"
)]
pub struct OptionalResource<T: ?Sized>(Option<Source<T>>);

/// Where a `&T` comes from.
enum Source<T: ?Sized> {
    /// The bus, which was given it.
    Provided(Shared<T>),
    /// The delivery that is going on.
    Lent,
}

impl<T: ?Sized + 'static> Source<T> {
    #[inline]
    fn get<'a>(&'a self, delivery: &'a Delivery) -> &'a T {
        match self {
            Self::Provided(shared) => shared.get(),
            Self::Lent => lend(delivery).unwrap_or_else(|| not_lent()),
        }
    }
}

/// What a delivery lends: itself, and its bus.
// The compiler knows of every other type that it is lent by nobody, and a handler keeps nothing for after a call.
#[inline]
fn lend<T: ?Sized + 'static>(delivery: &Delivery) -> Option<&T> {
    as_same_type(|| delivery).or_else(|| as_same_type(|| delivery.bus()))
}

/// Never called: what says that it is lent is. As a function that cannot unwind, it costs a handler nothing.
#[cold]
extern "C" fn not_lent() -> ! {
    process::abort()
}

impl<T: ?Sized> Clone for Source<T> {
    fn clone(&self) -> Self {
        match self {
            Self::Provided(shared) => Self::Provided(shared.clone()),
            Self::Lent => Self::Lent,
        }
    }
}

// Without other bounds: they are stated once, on `Resource`.
impl<T: ?Sized + 'static> RequiredResource<T> {
    #[inline]
    pub fn get<'a, M>(&'a self, handling: Handling<'a, M>) -> &'a T {
        self.0.get(handling.delivery())
    }
}

impl<T: ?Sized + 'static> OptionalResource<T> {
    #[inline]
    pub fn get<'a, M>(&'a self, handling: Handling<'a, M>) -> Option<&'a T> {
        self.0
            .as_ref()
            .map(|source| source.get(handling.delivery()))
    }
}

/// The parameters of a handler after the event: a tuple of [`Required`] and [`Optional`].
#[doc(hidden)]
pub trait Parameters: Sized + Send + Sync + 'static {
    fn requirements() -> Vec<Requirement>;
    fn bind(resources: &Resources) -> Option<Self>;
}

#[doc(hidden)]
pub trait Parameter: Sized + Send + Sync + 'static {
    fn requirement() -> Requirement;
    fn bind(resources: &Resources) -> Option<Self>;
}

/// What a handler asks for.
#[doc(hidden)]
#[derive(Clone, Copy, Debug)]
pub struct Requirement {
    pub(crate) type_id: TypeId,
    pub(crate) type_name: &'static str,
    /// Whether the handler also runs without it.
    pub(crate) is_optional: bool,
}

impl<T: ?Sized + Sync + 'static> Parameter for RequiredResource<T> {
    fn requirement() -> Requirement {
        Requirement {
            type_id: TypeId::of::<T>(),
            type_name: type_name::<T>(),
            is_optional: false,
        }
    }

    fn bind(resources: &Resources) -> Option<Self> {
        resources.get().map(Self)
    }
}

impl<T: ?Sized + Sync + 'static> Parameter for OptionalResource<T> {
    fn requirement() -> Requirement {
        Requirement {
            type_id: TypeId::of::<T>(),
            type_name: type_name::<T>(),
            is_optional: true,
        }
    }

    fn bind(resources: &Resources) -> Option<Self> {
        Some(Self(resources.get()))
    }
}

macro_rules! parameters {
    ($($parameter:ident)*) => {
        impl<$($parameter: Parameter),*> Parameters for ($($parameter,)*) {
            fn requirements() -> Vec<Requirement> {
                vec![$($parameter::requirement()),*]
            }

            fn bind(_resources: &Resources) -> Option<Self> {
                Some(($($parameter::bind(_resources)?,)*))
            }
        }
    };
}

parameters!();
parameters!(A);
parameters!(A B);
parameters!(A B C);
parameters!(A B C D);
parameters!(A B C D E);
parameters!(A B C D E F);
parameters!(A B C D E F G);
parameters!(A B C D E F G H);
parameters!(A B C D E F G H I);
parameters!(A B C D E F G H I J);
parameters!(A B C D E F G H I J K);
parameters!(A B C D E F G H I J K L);

/// The resources of one bus, by type.
#[doc(hidden)]
#[derive(Default, Debug)]
pub struct Resources {
    sources: HashMap<TypeId, Box<dyn Any + Send + Sync>>,
}

impl Resources {
    pub(crate) fn provide<T: ?Sized + Send + Sync + 'static>(&mut self, resource: Shared<T>) {
        self.sources
            .insert(TypeId::of::<T>(), Box::new(Source::Provided(resource)));
    }

    /// Provides what each delivery lends.
    pub(crate) fn provide_lent<T: Send + Sync + 'static>(&mut self) {
        self.sources
            .insert(TypeId::of::<T>(), Box::new(Source::<T>::Lent));
    }

    fn get<T: ?Sized + 'static>(&self) -> Option<Source<T>> {
        self.sources
            .get(&TypeId::of::<T>())?
            .downcast_ref::<Source<T>>()
            .cloned()
    }
}

/// `resource` as itself.
pub(crate) fn share<T: Send + Sync + 'static>(resource: Arc<T>) -> Shared<T> {
    Shared::new(resource, |resource| resource)
}
