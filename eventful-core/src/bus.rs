//! The bus: which handlers there are for each event, with what they need.

mod builder;
mod cascade;
mod default;
mod default_cell;
mod delivering;
mod detached;
mod gate;
mod handler_function;
mod limits;
mod pending;
mod plan;
mod providers;
mod publish;
mod publishing;
mod reply;
mod scoped;
mod tables;
mod tap;
mod wiring;

use std::collections::BTreeMap;
use std::fmt;
use std::panic::Location;
use std::sync::{Arc, Weak};

pub use self::builder::BusBuilder;
pub use self::default::InstallError;
use self::detached::Detached;
pub use self::detached::{
    DetachError, DetachedTask, DetachedWork, StillOutstanding, UnfinishedWork, WhenFull,
};
pub use self::handler_function::HandlerFunction;
use self::limits::Limits;
pub use self::pending::{Pending, PendingAsync, PendingError};
use self::providers::Providers;
pub(crate) use self::publish::publish_current;
pub use self::publishing::Publishing;
pub use self::reply::Reply;
pub use self::scoped::Scoped;
use self::tables::Tables;
pub(crate) use self::tap::{Tap, Tapped};
use crate::delivery;
use crate::event::mode::Mode;
use crate::event::{Event, EventInfo, Subject};
use crate::handler::HandlerInfo;
use crate::observer::Observers;
use crate::registry::BusHandler;
use crate::report::WiringError;
use crate::resource::Resources;

/// Delivers events to handlers. Immutable once built, cheap to clone, and shared between threads.
///
/// # Examples
///
/// ```
/// # use eventful_core as eventful;
/// use eventful::Bus;
///
/// let bus = Bus::isolated().provide(String::from("a resource")).build()?;
/// let same_bus = bus.clone();
/// # drop(same_bus);
/// # Ok::<(), eventful::WiringError>(())
/// ```
#[derive(Clone)]
pub struct Bus(Arc<Inner>);

struct Inner {
    tables: Tables,
    limits: Limits,
    observers: Observers,
    taps: Vec<Arc<dyn Tap>>,
    detached: Detached,
    /// What the handlers of an instantiation are bound to that is published for the first time.
    resources: Resources,
    /// Whether it began with every linked handler.
    is_full: bool,
    /// What `derive` starts from.
    subscribers: Arc<[BusHandler]>,
    providers: Providers,
}

impl Bus {
    /// A builder with every linked handler.
    pub fn builder() -> BusBuilder {
        BusBuilder::linked()
    }

    /// A builder without handlers, for tests: add the ones that matter with [`BusBuilder::with`].
    pub fn isolated() -> BusBuilder {
        BusBuilder::empty()
    }

    /// A builder with this bus's handlers and resources, to change something.
    ///
    /// Resources are shared with this bus, except those that [`BusBuilder::provide_with`] makes: they are made anew, with
    /// the new bus. Providing a type again replaces it.
    pub fn derive(&self) -> BusBuilder {
        BusBuilder::derived(&self.0)
    }

    /// The bus that an ambient `event.publish()` would use here: the innermost of the deliveries and
    /// [scopes](Bus::scope) this thread is in, else the [installed](Bus::install) one, else a default that is built on
    /// first use with every linked handler and no resources.
    ///
    /// # Errors
    ///
    /// If there is no other and the default cannot be built, as when a handler needs a resource. It is tried again next
    /// time, and [`install`](Bus::install) is still possible.
    #[track_caller]
    pub fn current() -> Result<Self, WiringError> {
        let used_at = Location::caller();
        delivery::with_current(|current| match current {
            Some(delivery) => Ok(delivery.bus().clone()),
            None => default::get_or_build(used_at).cloned(),
        })
    }

    /// Hands `event` to each of its handlers on this bus, one after the other.
    ///
    /// Returns `Result<Delivered, PublishError>` once all of them have run on this thread. For an event with
    /// `#[event(async)]` it returns a future of the same, [`Publishing`], in which they run.
    ///
    /// The order is the same every time: ascending [`order`](HandlerInfo::order), then what `after` and `before` say,
    /// then module path, line, column and id. Every handler runs, whatever the others do, unless the event says
    /// `fail_fast`. A handler that panics has failed; the panic stops there.
    ///
    /// Events that handlers return are published when all handlers of this one have run, first in, first out, and what their
    /// handlers return after them: all of it within this publish.
    ///
    /// An event without handlers is delivered to nobody, which is no error.
    ///
    /// # Errors
    ///
    /// If a handler fails, of this event or of one that was returned, once all of them have run: [`PublishError::failures`](crate::PublishError::failures) has
    /// each. If handlers that publish are nested too deep, without running any, or if more events are returned than the bus
    /// [allows](BusBuilder::cascade_limit): [`PublishError::refusal`](crate::PublishError::refusal). Each failure and refusal is also logged.
    ///
    /// # Panics
    ///
    /// With `panic = "abort"`, or if a handler panics while it is already unwinding, the process ends: no code can catch
    /// either.
    #[inline]
    #[track_caller]
    pub fn publish<'a, E: Event>(&'a self, event: &'a E) -> <E::Mode as Mode>::Publication<'a, E> {
        <E::Mode as Mode>::__publish(self, event, Location::caller())
    }

    /// Makes this bus the process's default, once.
    ///
    /// # Errors
    ///
    /// If a bus was installed before, or if an ambient publish has already built the default: the error names the line.
    #[track_caller]
    pub fn install(self) -> Result<(), InstallError> {
        default::install(self, Location::caller())
    }

    /// Makes this bus the current one on this thread while `body` runs.
    ///
    /// A thread that `body` starts leaves the scope; [`Bus::current`] carries the bus over.
    pub fn scope<R>(&self, body: impl FnOnce() -> R) -> R {
        delivery::scope(self, body)
    }

    /// Makes this bus the current one in `future`, on whatever thread it is polled.
    ///
    /// A task that `future` spawns leaves the scope; [`Bus::current`] carries the bus over.
    pub fn scope_async<F: Future>(&self, future: F) -> Scoped<F> {
        Scoped::new(self.clone(), future)
    }

    /// The handlers of `E` on this bus, in the order in which they run: those of its families and of `dyn AnyEvent` too.
    ///
    /// Of an instantiation of a generic event whose handlers contradict each other, which a publish of it says, there are
    /// none.
    #[must_use]
    pub fn handlers<E: Event>(&self) -> &[HandlerInfo] {
        self.0.handlers(EventInfo::of::<E>())
    }

    /// Whether anybody handles `E` on this bus. A handler of `dyn AnyEvent`, which handles everything, does not count.
    ///
    /// # Examples
    ///
    /// ```
    /// # use eventful_core as eventful;
    /// use eventful::{Bus, Event};
    ///
    /// fn warn_if_nobody_listens<E: Event>(bus: &Bus) {
    ///     if !bus.has_handlers::<E>() {
    ///         eprintln!("nobody handles {}", E::NAME);
    ///     }
    /// }
    /// ```
    #[must_use]
    pub fn has_handlers<E: Event>(&self) -> bool {
        let handlers = self.handlers::<E>();
        handlers.iter().any(|handler| !handler.is_catch_all())
    }

    /// A handle that does not keep this bus alive.
    #[must_use]
    pub fn downgrade(&self) -> WeakBus {
        WeakBus(Arc::downgrade(&self.0))
    }
}

/// Each event and family that a handler names, with its handlers; those of an event in order.
impl fmt::Debug for Bus {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut handlers: BTreeMap<String, Vec<HandlerInfo>> = BTreeMap::new();
        for subscriber in &*self.0.subscribers {
            let listed = handlers.entry(subscriber.subject.to_string()).or_default();
            match subscriber.subject {
                Subject::Event(event) => *listed = self.0.handlers(event).to_vec(),
                Subject::Family(_) => listed.push(subscriber.info),
            }
        }
        formatter.debug_tuple("Bus").field(&handlers).finish()
    }
}

/// A handle to a [`Bus`] that does not keep it alive: what a service that publishes holds, which the bus itself holds.
///
/// # Examples
///
/// ```
/// # use eventful_core as eventful;
/// use eventful::{Bus, WeakBus};
///
/// struct Shop { bus: WeakBus }
///
/// let bus = Bus::isolated().provide_with(|bus| Shop { bus }).build()?;
/// assert!(bus.downgrade().upgrade().is_some());
/// # Ok::<(), eventful::WiringError>(())
/// ```
#[derive(Clone)]
pub struct WeakBus(Weak<Inner>);

impl WeakBus {
    /// The bus; none while it is being built and once it is gone.
    #[must_use]
    pub fn upgrade(&self) -> Option<Bus> {
        self.0.upgrade().map(Bus)
    }
}

impl fmt::Debug for WeakBus {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_tuple("WeakBus")
            .field(&self.upgrade())
            .finish()
    }
}
