//! The bus: which handlers there are for each event, with what they need.

mod async_closure;
mod builder;
mod cascade;
mod default;
mod default_cell;
mod delivering;
mod hand_over;
mod handler_function;
mod in_transaction;
mod limits;
mod pending;
mod plan;
mod providers;
mod publish;
mod publish_async;
mod publish_slow;
mod publish_with;
mod refuse;
mod reply;
mod scoped;
mod semaphore;
mod separate;
mod subscription;
mod tables;
mod tap;
mod weak;
mod wiring;

use std::any::TypeId;
use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::panic::Location;
use std::sync::Arc;

pub use self::async_closure::AsyncClosure;
pub use self::builder::BusBuilder;
pub use self::default::InstallError;
pub use self::delivering::{Delivering, ReturnedDurable, durability_of};
use self::hand_over::HandOvers;
pub use self::hand_over::{
    DrainTimeoutError, HandOver, HandOverError, HandOverTask, HandedOver, WhenFull,
};
pub use self::handler_function::HandlerFunction;
pub use self::in_transaction::{NotLent, Reception};
use self::limits::Limits;
pub use self::pending::{Pending, PendingError};
use self::providers::Providers;
pub(crate) use self::publish::publish_current;
pub use self::publish_async::Publishing;
pub use self::publish_with::PublishingWith;
pub use self::reply::Reply;
pub use self::scoped::Scoped;
pub use self::separate::{SeparateCall, SeparateHandler};
pub use self::subscription::Subscription;
use self::tables::Tables;
use self::tap::Taps;
#[cfg(feature = "testing")]
pub(crate) use self::tap::{Tap, Tapped};
pub use self::weak::WeakBus;
use crate::delivery;
use crate::event::mode::{InProcess, Lending};
use crate::event::{Event, EventInfo, Subject};
use crate::handler::HandlerInfo;
use crate::observe::Observers;
use crate::registry::BusHandler;
use crate::report::WiringError;
use crate::resource::Resources;

/// Delivers events to handlers. Immutable once built, cheap to clone, and shared between threads.
///
/// # Examples
///
/// ```
/// use eventful::{Bus, event, handler};
///
/// #[event]
/// struct OrderCreated {
///     order_id: u64,
/// }
///
/// #[handler(OrderCreated)]
/// fn update_cache(event: &OrderCreated) {
///     assert_eq!(event.order_id, 1);
/// }
///
/// let bus = Bus::isolated().with(update_cache).build()?;
/// let delivered = bus.publish(&OrderCreated { order_id: 1 })?;
/// assert_eq!(delivered.handled(), 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Bus(Arc<Inner>);

struct Inner {
    tables: Tables,
    limits: Limits,
    observers: Observers,
    taps: Taps,
    hand_overs: HandOvers,
    /// The resources for handlers of an instantiation of a generic event, which are bound at its first publish.
    resources: Resources,
    /// True if it began with every linked handler.
    is_full: bool,
    /// The handlers with which `derive` starts.
    subscribers: Arc<[BusHandler]>,
    providers: Providers,
    /// The handlers of durable events, those that run by themselves included, which are in no table.
    of_durable: HashMap<TypeId, Box<[HandlerInfo]>>,
}

impl Bus {
    /// Returns a builder with every linked handler.
    ///
    /// # Examples
    ///
    /// ```standalone_crate
    /// use eventful::{Bus, event, handler};
    ///
    /// #[event]
    /// struct OrderCreated;
    ///
    /// #[handler(OrderCreated)]
    /// fn update_cache(_: &OrderCreated) {}
    ///
    /// let bus = Bus::builder().build()?; // nobody names `update_cache`
    /// assert_eq!(bus.publish(&OrderCreated)?.handled(), 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn builder() -> BusBuilder {
        BusBuilder::linked()
    }

    /// Returns a builder without handlers, for tests: add the ones that matter with [`BusBuilder::with`].
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
    /// fn update_cache(_: &OrderCreated) {}
    ///
    /// #[handler(OrderCreated)]
    /// fn send_mail(_: &OrderCreated) {
    ///     unreachable!("this test does not send mail");
    /// }
    ///
    /// let bus = Bus::isolated().with(update_cache).build()?;
    /// assert_eq!(bus.publish(&OrderCreated)?.handled(), 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn isolated() -> BusBuilder {
        BusBuilder::empty()
    }

    /// Returns a builder with this bus's handlers and resources, to change some of them.
    ///
    /// The new bus shares the resources with this one. Those that [`BusBuilder::provide_with`] makes are the exception:
    /// they are made anew. To replace a resource, provide its type again. It also shares the spawner, the limit and the
    /// count of what is [handed over](Bus::hand_over), unless the builder sets another.
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
    /// fn update_cache(_: &OrderCreated) {}
    ///
    /// #[handler(OrderCreated)]
    /// fn send_mail(_: &OrderCreated, server: &String) {
    ///     assert_eq!(server, "mail.example.org");
    /// }
    ///
    /// let server = String::from("mail.example.org");
    /// let bus = Bus::isolated().with(update_cache).with(send_mail).provide(server).build()?;
    /// let quiet = bus.derive().without(send_mail).build()?;
    /// assert_eq!(bus.publish(&OrderCreated)?.handled(), 2);
    /// assert_eq!(quiet.publish(&OrderCreated)?.handled(), 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn derive(&self) -> BusBuilder {
        BusBuilder::derived(&self.0)
    }

    /// Returns the bus that an ambient `event.publish()` would use here.
    ///
    /// It is the bus of the innermost delivery or [scope](Bus::scope) of this thread; outside of any, the
    /// [installed](Bus::install) one; and where none is installed, a default bus, which is built on first use with
    /// every linked handler and no resources.
    ///
    /// # Errors
    ///
    /// If the default bus is needed and cannot be built, for example because a handler needs a resource. The next call
    /// tries again, and [`install`](Bus::install) is still possible.
    ///
    /// # Examples
    ///
    /// ```
    /// use eventful::{Bus, event};
    ///
    /// #[event]
    /// struct OrderCreated;
    ///
    /// let bus = Bus::isolated().subscribe("cache", |_: &OrderCreated| ()).build()?;
    /// bus.scope(|| {
    ///     // A thread begins outside of the scope: take the bus along.
    ///     let bus = Bus::current().unwrap();
    ///     let publish = move || bus.publish(&OrderCreated).unwrap();
    ///     assert_eq!(std::thread::spawn(publish).join().unwrap().handled(), 1);
    /// });
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
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
    /// Returns `Result<Delivered, PublishError>` when all of them have run on this thread. An event with
    /// `#[event(async)]` returns a future of the same, [`Publishing`], in which they run.
    ///
    /// The order is the same every time: ascending [`order`](HandlerInfo::order), then what `after` and `before` say,
    /// then module path, line, column and id. Every handler runs, whatever the others do, unless the event says
    /// `fail_fast`. A handler that panics has failed; the panic stops there.
    ///
    /// Events that handlers return are published when all handlers of this one have run: first in, first out, and all
    /// of them within this publish.
    ///
    /// An event without handlers is delivered to nobody, which is no error.
    ///
    /// # Errors
    ///
    /// - If a handler of this event, or of one that was returned, fails:
    ///   [`PublishError::failures`](crate::PublishError::failures) has each failure. All handlers have run.
    /// - If handlers that publish are nested too deep: then no handler has run. If handlers return more events than the
    ///   bus [allows](BusBuilder::cascade_limit): then the rest is not published.
    ///   [`PublishError::refusal`](crate::PublishError::refusal) says which.
    ///
    /// Each failure and refusal is also logged.
    ///
    /// # Panics
    ///
    /// With `panic = "abort"`, or if a handler panics while it is already unwinding, the process ends: no code can
    /// catch either.
    ///
    /// # Examples
    ///
    /// ```
    /// use eventful::{Bus, event, handler};
    ///
    /// #[event]
    /// struct OrderCreated {
    ///     order_id: u64,
    /// }
    ///
    /// #[handler(OrderCreated)]
    /// fn send_mail(event: &OrderCreated) -> Result<(), String> {
    ///     Err(format!("no mail server for order {}", event.order_id))
    /// }
    ///
    /// #[handler(OrderCreated, after = send_mail)]
    /// fn update_cache(_: &OrderCreated) {}
    ///
    /// let bus = Bus::isolated().with(send_mail).with(update_cache).build()?;
    /// let error = bus.publish(&OrderCreated { order_id: 1 }).unwrap_err();
    /// assert_eq!(error.delivered().handled(), 2); // `update_cache` has run, too
    /// assert_eq!(error.failures()[0].message(), "no mail server for order 1");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[inline]
    #[track_caller]
    pub fn publish<'a, E: Event<Mode: InProcess>>(
        &'a self,
        event: &'a E,
    ) -> <E::Mode as InProcess>::Publication<'a, E> {
        <E::Mode as InProcess>::__publish(self, event, Location::caller())
    }

    /// Hands an event to its handlers together with `with`, which its `#[event(with = …)]` asks for: a `&T`, or a
    /// `&mut T` that one handler after the other has.
    ///
    /// The handlers take it as a parameter, beside the resources of the bus. The handlers of events that they return, and
    /// handlers of families, are lent nothing. The rest is as with [`publish`](Self::publish).
    ///
    /// # Errors
    ///
    /// Those of [`publish`](Self::publish).
    ///
    /// # Examples
    ///
    /// ```
    /// use eventful::{Bus, event, handler};
    ///
    /// /// The statements of a transaction that is not committed yet.
    /// type Transaction = Vec<String>;
    ///
    /// #[event(fail_fast, with = mut Transaction)]
    /// struct OrderCreated {
    ///     items: u32,
    /// }
    ///
    /// #[handler(OrderCreated)]
    /// fn write_audit(_: &OrderCreated, transaction: &mut Transaction) {
    ///     transaction.push("insert into audit".to_owned());
    /// }
    ///
    /// #[handler(OrderCreated, after = write_audit)]
    /// fn check_stock(event: &OrderCreated) -> Result<(), String> {
    ///     if event.items > 9 { Err("there are only nine".to_owned()) } else { Ok(()) }
    /// }
    ///
    /// let bus = Bus::isolated().with(write_audit).with(check_stock).build()?;
    /// let mut transaction = Transaction::new();
    /// bus.publish_with(&OrderCreated { items: 1 }, &mut transaction)?; // commit, and where it fails, roll back
    /// assert_eq!(transaction, ["insert into audit"]);
    /// assert!(bus.publish_with(&OrderCreated { items: 10 }, &mut Transaction::new()).is_err());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[track_caller]
    pub fn publish_with<'a, E: Event<Mode: Lending>>(
        &'a self,
        event: &'a E,
        with: <E::Mode as Lending>::Borrow<'a>,
    ) -> <E::Mode as Lending>::Publication<'a, E> {
        <E::Mode as Lending>::__publish(Some(self), event, with, Location::caller())
    }

    /// Makes this bus the process's default, once.
    ///
    /// # Errors
    ///
    /// If a bus is already installed, or if an ambient publish has already built the default: the error names the line.
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
    /// fn update_cache(_: &OrderCreated) {}
    ///
    /// // In `main`, before the first publish.
    /// Bus::isolated().with(update_cache).build()?.install()?;
    ///
    /// // Anywhere.
    /// assert_eq!(OrderCreated.publish()?.handled(), 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[track_caller]
    pub fn install(self) -> Result<(), InstallError> {
        default::install(self, Location::caller())
    }

    /// Makes this bus the current one on this thread while `body` runs, for every ambient publish in it.
    ///
    /// A thread that `body` starts is outside of the scope; [`Bus::current`] takes the bus along. So is a future that
    /// `body` returns: [`scope_async`](Bus::scope_async) takes the future itself.
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
    /// fn update_cache(_: &OrderCreated) {}
    ///
    /// let bus = Bus::isolated().with(update_cache).build()?;
    /// let delivered = bus.scope(|| OrderCreated.publish())?;
    /// assert_eq!(delivered.handled(), 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn scope<R>(&self, body: impl FnOnce() -> R) -> R {
        delivery::scope(self, body)
    }

    /// Makes this bus the current one in `future`, on every thread that polls it.
    ///
    /// A task that `future` spawns is outside of the scope; [`Bus::current`] takes the bus along.
    ///
    /// # Examples
    ///
    /// ```
    /// use eventful::{Bus, event, handler};
    ///
    /// #[event(async)]
    /// struct OrderCreated;
    ///
    /// #[handler(OrderCreated)]
    /// async fn update_cache(_: &OrderCreated) {}
    ///
    /// # futures_lite::future::block_on(async {
    /// let bus = Bus::isolated().with(update_cache).build()?;
    /// let delivered = bus.scope_async(OrderCreated.publish()).await?;
    /// assert_eq!(delivered.handled(), 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).unwrap();
    /// ```
    pub fn scope_async<F: Future>(&self, future: F) -> Scoped<F> {
        Scoped::new(self.clone(), future)
    }

    /// Returns the handlers of `E` on this bus in the order in which they run, those of its families and of
    /// `dyn AnyEvent` included.
    ///
    /// The handlers of an instantiation of a generic event may contradict each other. Then a publish of it is refused,
    /// and this list is empty.
    ///
    /// # Examples
    ///
    /// ```
    /// use eventful::{Bus, event, handler};
    ///
    /// #[event]
    /// struct OrderCreated;
    ///
    /// #[handler(OrderCreated, id = "shop.cache")]
    /// fn update_cache(_: &OrderCreated) {}
    ///
    /// #[handler(OrderCreated, id = "shop.stock", before = update_cache)]
    /// fn reserve_stock(_: &OrderCreated) {}
    ///
    /// let bus = Bus::isolated().with(update_cache).with(reserve_stock).build()?;
    /// let ids: Vec<&str> = bus.handlers::<OrderCreated>().iter().map(|handler| handler.id()).collect();
    /// assert_eq!(ids, ["shop.stock", "shop.cache"]);
    /// # Ok::<(), eventful::WiringError>(())
    /// ```
    #[must_use]
    pub fn handlers<E: Event>(&self) -> &[HandlerInfo] {
        self.0.handlers(EventInfo::of::<E>())
    }

    /// Returns true if `E` has a handler on this bus. A handler of `dyn AnyEvent`, which handles every event that is
    /// not durable, does not count.
    ///
    /// # Examples
    ///
    /// ```
    /// use eventful::{Bus, event, handler};
    ///
    /// #[event]
    /// struct OrderCreated;
    ///
    /// #[event]
    /// struct OrderPaid;
    ///
    /// #[handler(OrderCreated)]
    /// fn update_cache(_: &OrderCreated) {}
    ///
    /// let bus = Bus::isolated().with(update_cache).build()?;
    /// assert!(bus.has_handlers::<OrderCreated>());
    /// assert!(!bus.has_handlers::<OrderPaid>());
    /// # Ok::<(), eventful::WiringError>(())
    /// ```
    #[must_use]
    pub fn has_handlers<E: Event>(&self) -> bool {
        let handlers = self.handlers::<E>();
        handlers.iter().any(|handler| !handler.is_catch_all())
    }
}

/// Lists each event and each family that a handler names, with its handlers; those of an event in order.
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
