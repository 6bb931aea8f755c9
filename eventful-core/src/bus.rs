//! The bus: which handlers there are for each event, with what they need.

mod builder;
mod default;
mod default_cell;
mod detached;
mod gate;
mod order;
mod providers;
mod publishing;
mod reply;
mod scoped;
mod subscriber;

use std::any::{Any, TypeId};
use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::panic::Location;
use std::sync::{Arc, Weak};

pub use self::builder::BusBuilder;
pub use self::default::InstallError;
use self::detached::Detached;
pub use self::detached::{DetachError, DetachedTask, StillOutstanding, WhenFull};
use self::providers::Providers;
pub use self::publishing::Publishing;
pub use self::reply::Reply;
pub use self::scoped::Scoped;
pub use self::subscriber::HandlerFunction;
use self::subscriber::Subscriber;
use crate::delivery::{self, Delivery};
use crate::dispatch::{self, FlightTable, Table};
use crate::event::mode::{Mode, Publisher};
use crate::event::{Event, EventEntry, EventInfo, EventRef};
use crate::handler::HandlerInfo;
use crate::log;
use crate::report::{Delivered, PublishError, Refusal, WiringError};

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
    /// One for each event that is not generic, at its index.
    tables: Box<[Table]>,
    /// One for each instantiation of a generic event that has handlers here.
    generic_tables: HashMap<TypeId, Table>,
    /// As `tables`, of the events that have asynchronous handlers.
    flights: Box<[Option<FlightTable>]>,
    generic_flights: HashMap<TypeId, FlightTable>,
    nesting_limit: u32,
    detached: Detached,
    /// What `derive` starts from.
    subscribers: Vec<Subscriber>,
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
            Some(delivery) => Ok(publishing_bus(delivery).clone()),
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
    /// An event without handlers is delivered to nobody, which is no error.
    ///
    /// # Errors
    ///
    /// If a handler fails, once all of them have run: [`PublishError::failures`] has each. If handlers that publish are
    /// nested too deep, without running any: [`PublishError::refusal`]. Each failure and refusal is also logged.
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

    /// The handlers of `E` on this bus, in the order in which they run.
    #[must_use]
    pub fn handlers<E: Event>(&self) -> &[HandlerInfo] {
        self.0.handlers(&EventInfo::of::<E>())
    }

    /// A handle that does not keep this bus alive.
    #[must_use]
    pub fn downgrade(&self) -> WeakBus {
        WeakBus(Arc::downgrade(&self.0))
    }
}

impl Inner {
    #[inline]
    fn table(&self, entry: Option<&'static EventEntry>, event: &EventInfo) -> Option<&Table> {
        match entry {
            Some(entry) => self.tables.get(entry.index.get()),
            None => self.generic_table(event),
        }
    }

    #[inline(never)]
    fn generic_table(&self, event: &EventInfo) -> Option<&Table> {
        self.generic_tables.get(&event.type_id())
    }

    /// The event's table if it has asynchronous handlers.
    fn flight_table(
        &self,
        entry: Option<&'static EventEntry>,
        event: &EventInfo,
    ) -> Option<&FlightTable> {
        match entry {
            Some(entry) => self.flights.get(entry.index.get())?.as_ref(),
            None => self.generic_flights.get(&event.type_id()),
        }
    }

    fn handlers(&self, event: &EventInfo) -> &[HandlerInfo] {
        match self.flight_table(event.entry(), event) {
            Some(table) => table.infos(),
            None => self.table(event.entry(), event).map_or(&[], Table::infos),
        }
    }
}

impl Publisher for Bus {
    fn publish_sync(
        &self,
        event: EventRef<'_>,
        published_at: &'static Location<'static>,
    ) -> Result<Delivered, PublishError> {
        let Some(table) = self.0.table(event.entry(), event.info()) else {
            // A generic event has a table where it has handlers; any other one has its own if it is registered at all.
            return match event.entry() {
                Some(_) => refuse(event, published_at, Refusal::unregistered()),
                None => Ok(Delivered::default()),
            };
        };
        delivery::deliver(self, event.info(), published_at, |delivery| {
            if delivery.nesting() >= self.0.nesting_limit {
                return refuse_nesting(event, delivery, self.0.nesting_limit);
            }
            dispatch::run(table, &event, delivery)
        })
    }
}

#[cold]
fn refuse_nesting(
    event: EventRef<'_>,
    delivery: &Delivery,
    limit: u32,
) -> Result<Delivered, PublishError> {
    refuse(
        event,
        delivery.published_at(),
        Refusal::nesting_limit(limit, delivery.causes()),
    )
}

#[cold]
fn refuse(
    event: EventRef<'_>,
    published_at: &'static Location<'static>,
    refusal: Refusal,
) -> Result<Delivered, PublishError> {
    let error = PublishError::refused(event.info().name(), published_at, refusal);
    log::refusal(&error);
    Err(error)
}

/// Publishes on the [current](Bus::current) bus: the body of every `event.publish()`.
pub(crate) fn publish_current(
    event: EventRef<'_>,
    published_at: &'static Location<'static>,
) -> Result<Delivered, PublishError> {
    delivery::with_current(|current| match current {
        Some(delivery) => delivery.publisher().publish_sync(event, published_at),
        None => match default::get_or_build(published_at) {
            Ok(bus) => bus.publish_sync(event, published_at),
            Err(error) => refuse(event, published_at, Refusal::wrong_wiring(error)),
        },
    })
}

/// The bus on which `delivery` goes on.
fn publishing_bus(delivery: &Delivery) -> &Bus {
    as_bus(delivery.publisher())
}

fn as_bus(publisher: &dyn Publisher) -> &Bus {
    let publisher: &dyn Any = publisher;
    publisher
        .downcast_ref()
        .expect("`Bus` is the only publisher")
}

/// Each event that has handlers, with its handlers in order.
impl fmt::Debug for Bus {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let events = self.0.subscribers.iter().map(|subscriber| subscriber.event);
        let handlers: BTreeMap<_, _> = events
            .map(|event| (event.name(), self.0.handlers(&event)))
            .collect();
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
