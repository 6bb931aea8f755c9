//! Resources: the parameters of handlers beside the event, and the sources of their values.

use std::any::{Any, TypeId, type_name};
use std::collections::HashMap;
use std::marker::PhantomData;
use std::process;
use std::sync::Arc;

use crate::delivery::Handling;
use crate::event::mode::{Lends, Mode};
use crate::raw::{LentMut, LentType, Shared, WantedType, as_same_type};
use crate::tuples::for_each_tuple;

/// The parameter `&T` of a handler.
#[doc(hidden)]
pub type Required<T> = <T as Resource>::Required;

/// The parameter `Option<&T>` of a handler.
#[doc(hidden)]
pub type Optional<T> = <T as Resource>::Optional;

/// A type that handlers may have a reference to.
///
/// Expansions name [`Required`] and [`Optional`] through this trait, so that a type that is no resource is one error,
/// at the type.
// The compiler shows the line of a bound that is not met, with the comment behind it.
#[doc(hidden)]
pub trait Resource {
    type Required: Parameter
    where
        Self: Sync; // threads share it: a `Mutex` for a `RefCell`, an `Arc` for an `Rc`, `trait Mailer: Send + Sync`
    type Optional: Parameter
    where
        Self: Sync; // threads share it: a `Mutex` for a `RefCell`, an `Arc` for an `Rc`, `trait Mailer: Send + Sync`
}

impl<T: ?Sized + 'static> Resource for T {
    type Required
        = RequiredResource<T>
    where
        T: Sync;
    type Optional
        = OptionalResource<T>
    where
        T: Sync;
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

/// A `&mut T` that the publisher lends.
#[doc(hidden)]
#[expect(
    missing_debug_implementations,
    reason = "hidden; what is lent need not be `Debug`"
)]
pub struct Mutable<T: ?Sized>(PhantomData<fn() -> Box<T>>);

/// The source of a `&T`.
enum Source<T: ?Sized> {
    /// A value that the bus owns.
    Provided(Shared<T>),
    /// The current delivery: itself, its bus, or what its publisher lends.
    Delivery,
}

impl<T: ?Sized + 'static> Source<T> {
    #[inline]
    fn get<'a, M: Mode>(&'a self, handling: Handling<'a, M>) -> &'a T {
        match self {
            Self::Provided(shared) => shared.get(),
            Self::Delivery => part_of(handling).unwrap_or_else(|| no_part()),
        }
    }
}

/// Returns the delivery, its bus or what is lent, if `T` is the type of one.
// For every other type the compiler knows that there is none. Then a handler keeps nothing in registers for this call.
#[inline]
fn part_of<T: ?Sized + 'static, M: Mode>(handling: Handling<'_, M>) -> Option<&T> {
    let delivery = handling.delivery();
    as_same_type(|| delivery)
        .or_else(|| as_same_type(|| delivery.bus()))
        .or_else(|| M::__lent(|| delivery.lent()))
}

/// Never called: `Source::Delivery` is made for the types of [`part_of`] alone. A function that cannot unwind
/// costs a handler nothing.
#[cold]
extern "C" fn no_part() -> ! {
    process::abort()
}

impl<T: ?Sized> Clone for Source<T> {
    fn clone(&self) -> Self {
        match self {
            Self::Provided(shared) => Self::Provided(shared.clone()),
            Self::Delivery => Self::Delivery,
        }
    }
}

// Without other bounds: they are stated once, on `Resource`.
impl<T: ?Sized + 'static> RequiredResource<T> {
    #[inline]
    pub fn get<'a, M: Mode>(&'a self, handling: Handling<'a, M>) -> &'a T {
        self.0.get(handling)
    }
}

impl<T: ?Sized + 'static> OptionalResource<T> {
    #[inline]
    pub fn get<'a, M: Mode>(&'a self, handling: Handling<'a, M>) -> Option<&'a T> {
        self.0.as_ref().map(|source| source.get(handling))
    }
}

impl<T: 'static> Mutable<T> {
    /// Borrows what is lent while the handler runs.
    ///
    /// # Panics
    ///
    /// If a handler has it that runs at the same time, which `#[event]` rules out.
    pub fn lend<'a, M: Lends<T>>(&self, handling: Handling<'a, M>) -> LentMut<'a, T> {
        let lent = handling.delivery().lent().and_then(M::__borrow);
        lent.expect("what the publisher lends is in use")
    }
}

/// The parameters of a handler after the event: a tuple of [`Required`], [`Optional`] and [`Mutable`]. `M` is the mode
/// of the event, which knows what is lent.
#[doc(hidden)]
pub trait Parameters: Sized + Send + Sync + 'static {
    fn requirements<M: Mode>() -> Vec<Requirement>;
    fn bind<M: Mode>(resources: &Resources) -> Option<Self>;
}

#[doc(hidden)]
pub trait Parameter: Sized + Send + Sync + 'static {
    fn requirement<M: Mode>() -> Requirement;
    fn bind<M: Mode>(resources: &Resources) -> Option<Self>;
}

/// A resource that a handler asks for.
#[doc(hidden)]
#[derive(Clone, Copy, Debug)]
pub struct Requirement {
    pub(crate) resource: ResourceType,
    /// The handler also runs without it.
    pub(crate) is_optional: bool,
    /// The publisher lends it: no bus provides it.
    pub(crate) is_lent: bool,
    /// The type of a `&mut T`, which is always lent.
    pub(crate) wanted: Option<WantedType>,
}

/// The type of a resource.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ResourceType {
    pub(crate) type_id: TypeId,
    pub(crate) type_name: &'static str,
}

impl ResourceType {
    pub(crate) fn of<T: ?Sized + 'static>() -> Self {
        Self {
            type_id: TypeId::of::<T>(),
            type_name: type_name::<T>(),
        }
    }
}

/// Tells if events of the mode `M` lend a `&T`.
fn is_lent<T: ?Sized + 'static, M: Mode>() -> bool {
    let is_lent = |lent: LentType| !lent.is_mutable() && lent.target() == TypeId::of::<T>();
    M::__LENT.is_some_and(is_lent)
}

impl<T: ?Sized + Sync + 'static> Parameter for RequiredResource<T> {
    fn requirement<M: Mode>() -> Requirement {
        Requirement {
            resource: ResourceType::of::<T>(),
            is_optional: false,
            is_lent: is_lent::<T, M>(),
            wanted: None,
        }
    }

    fn bind<M: Mode>(resources: &Resources) -> Option<Self> {
        resources.get::<T, M>().map(Self)
    }
}

impl<T: ?Sized + Sync + 'static> Parameter for OptionalResource<T> {
    fn requirement<M: Mode>() -> Requirement {
        Requirement {
            resource: ResourceType::of::<T>(),
            is_optional: true,
            is_lent: is_lent::<T, M>(),
            wanted: None,
        }
    }

    fn bind<M: Mode>(resources: &Resources) -> Option<Self> {
        Some(Self(resources.get::<T, M>()))
    }
}

impl<T: 'static> Parameter for Mutable<T> {
    fn requirement<M: Mode>() -> Requirement {
        Requirement {
            resource: ResourceType::of::<T>(),
            is_optional: false,
            is_lent: true,
            wanted: Some(WantedType::of::<T>()),
        }
    }

    fn bind<M: Mode>(_: &Resources) -> Option<Self> {
        Some(Self(PhantomData))
    }
}

macro_rules! parameters {
    ($($parameter:ident)*) => {
        impl<$($parameter: Parameter),*> Parameters for ($($parameter,)*) {
            fn requirements<M: Mode>() -> Vec<Requirement> {
                vec![$($parameter::requirement::<M>()),*]
            }

            fn bind<M: Mode>(_resources: &Resources) -> Option<Self> {
                Some(($($parameter::bind::<M>(_resources)?,)*))
            }
        }
    };
}

for_each_tuple!(parameters: A B C D E F G H I J K L);

/// The resources of one bus, by type.
#[doc(hidden)]
#[derive(Default, Debug)]
pub struct Resources(HashMap<TypeId, Box<dyn Any + Send + Sync>>);

impl Resources {
    pub(crate) fn provide<T: ?Sized + Send + Sync + 'static>(&mut self, resource: Shared<T>) {
        self.0
            .insert(TypeId::of::<T>(), Box::new(Source::Provided(resource)));
    }

    /// Provides a reference to each delivery, or to its bus.
    pub(crate) fn provide_from_delivery<T: Send + Sync + 'static>(&mut self) {
        self.0
            .insert(TypeId::of::<T>(), Box::new(Source::<T>::Delivery));
    }

    /// The source of a `&T` for events of the mode `M`: what is lent comes before what the bus has.
    fn get<T: ?Sized + 'static, M: Mode>(&self) -> Option<Source<T>> {
        if is_lent::<T, M>() {
            return Some(Source::Delivery);
        }
        self.0
            .get(&TypeId::of::<T>())?
            .downcast_ref::<Source<T>>()
            .cloned()
    }
}

/// `resource` as itself.
pub(crate) fn share<T: Send + Sync + 'static>(resource: Arc<T>) -> Shared<T> {
    Shared::new(resource, |resource| resource)
}
