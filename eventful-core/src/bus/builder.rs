//! Putting a bus together, and finding everything that is wrong with it.

use std::any::{TypeId, type_name};
use std::fmt;
use std::panic::Location;
use std::sync::Arc;

use eventful_wiring::resolve::Rank;
use eventful_wiring::{Wiring, did_you_mean};

use super::hand_over::{HandOverTask, HandOvers, WhenFull};
use super::handler_function::HandlerFunction;
use super::limits::Limits;
use super::plan::BusPlan;
use super::providers::{Provider, Providers};
use super::reply::Reply;
use super::semaphore::Semaphore;
use super::subscription::Subscription;
use super::tables::{self, Tables};
use super::tap::Taps;
use super::{Bus, Inner, WeakBus};
use crate::event::{Listen, Subject};
use crate::observe::{Observer, Observers};
use crate::registry::{BusHandler, Closure, Registry};
use crate::report::{WiringError, WiringFault};

/// Chooses the handlers and the resources of a [`Bus`].
///
/// No call fails by itself: [`build`](BusBuilder::build) reports everything that is wrong at once.
///
/// # Examples
///
/// ```
/// use std::sync::Arc;
///
/// use eventful::{Bus, event, handler};
///
/// trait Mailer: Send + Sync {
///     fn send(&self, order_id: u64);
/// }
///
/// struct Smtp;
///
/// impl Mailer for Smtp {
///     fn send(&self, order_id: u64) {
///         assert_eq!(order_id, 1);
///     }
/// }
///
/// #[event]
/// struct OrderCreated {
///     order_id: u64,
/// }
///
/// #[handler(OrderCreated)]
/// fn send_mail(event: &OrderCreated, mailer: &dyn Mailer) {
///     mailer.send(event.order_id);
/// }
///
/// let bus = Bus::isolated()
///     .with(send_mail)
///     .provide_arc::<dyn Mailer>(Arc::new(Smtp))
///     .build()?;
/// assert_eq!(bus.publish(&OrderCreated { order_id: 1 })?.handled(), 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use = "a builder does nothing until `build` is called"]
pub struct BusBuilder {
    subscribers: Vec<BusHandler>,
    providers: Providers,
    limits: Limits,
    hand_overs: HandOvers,
    observers: Observers,
    pub(super) taps: Taps,
    /// True if it began with every linked handler.
    is_full: bool,
    faults: Vec<WiringFault>,
}

impl BusBuilder {
    pub(super) fn linked() -> Self {
        let registry = Registry::get();
        let mut builder = Self::empty();
        builder.is_full = true;
        builder.subscribers = registry.handlers().to_vec();
        if !registry.is_complete() {
            builder.faults.push(WiringFault::handlers_dropped());
        }
        builder
    }

    pub(super) fn empty() -> Self {
        Self {
            subscribers: Vec::new(),
            providers: Providers::default(),
            limits: Limits::default(),
            hand_overs: HandOvers::default(),
            observers: Observers::default(),
            taps: Taps::default(),
            is_full: false,
            faults: Vec::new(),
        }
    }

    pub(super) fn derived(bus: &Inner) -> Self {
        Self {
            subscribers: bus.subscribers.to_vec(),
            providers: bus.providers.inherited(),
            limits: bus.limits,
            hand_overs: bus.hand_overs.clone(),
            observers: bus.observers.clone(),
            taps: bus.taps.clone(),
            is_full: false,
            faults: Vec::new(),
        }
    }

    /// Gives `resource` to handlers that ask for `&T` or `Option<&T>`.
    ///
    /// # Examples
    ///
    /// ```
    /// use eventful::{Bus, event, handler};
    ///
    /// #[event]
    /// struct OrderCreated;
    ///
    /// struct Shop {
    ///     name: &'static str,
    /// }
    ///
    /// #[handler(OrderCreated)]
    /// fn greet(_: &OrderCreated, shop: &Shop) {
    ///     assert_eq!(shop.name, "corner shop");
    /// }
    ///
    /// let bus = Bus::isolated().with(greet).provide(Shop { name: "corner shop" }).build()?;
    /// assert_eq!(bus.publish(&OrderCreated)?.handled(), 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[track_caller]
    pub fn provide<T>(self, resource: T) -> Self
    where
        // The compiler shows this line, with its comment, if the bounds are not met.
        T: Send + Sync + 'static, // threads share it: a `Mutex` for a `RefCell`, an `Arc` for an `Rc`
    {
        self.add_provider(Provider::of(resource, Location::caller()))
    }

    /// Gives `resource` to handlers that ask for `&T` or `&Arc<T>`; `T` may be a `dyn Trait`.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::sync::Arc;
    /// use std::sync::atomic::{AtomicU64, Ordering};
    ///
    /// use eventful::{Bus, event, handler};
    ///
    /// #[event]
    /// struct OrderCreated;
    ///
    /// #[handler(OrderCreated)]
    /// fn count(_: &OrderCreated, orders: &AtomicU64) {
    ///     orders.fetch_add(1, Ordering::Relaxed);
    /// }
    ///
    /// let orders = Arc::new(AtomicU64::new(0));
    /// let bus = Bus::isolated().with(count).provide_arc(Arc::clone(&orders)).build()?;
    /// bus.publish(&OrderCreated)?;
    /// assert_eq!(orders.load(Ordering::Relaxed), 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[track_caller]
    pub fn provide_arc<T>(self, resource: Arc<T>) -> Self
    where
        // The compiler shows this line, with its comment, if the bounds are not met.
        T: ?Sized + Send + Sync + 'static, // threads share it: a `Mutex` for a `RefCell`, `trait Mailer: Send + Sync`
    {
        self.add_provider(Provider::of_arc(resource, Location::caller()))
    }

    /// Gives the value that `make` returns to handlers that ask for `&T`: for a service that publishes on the bus that
    /// holds it.
    ///
    /// [`build`](BusBuilder::build) calls `make`, when [`WeakBus::upgrade`] has no bus yet. Each bus that is
    /// [derived](Bus::derive) from this one calls it again.
    ///
    /// # Examples
    ///
    /// ```
    /// use eventful::{Bus, WeakBus, event, handler};
    ///
    /// #[event]
    /// struct OrderCreated;
    ///
    /// #[event]
    /// struct StockReserved;
    ///
    /// struct Stock {
    ///     bus: WeakBus,
    /// }
    ///
    /// #[handler(OrderCreated)]
    /// fn reserve(_: &OrderCreated, stock: &Stock) {
    ///     let bus = stock.bus.upgrade().expect("the bus that calls this is alive");
    ///     bus.publish(&StockReserved).ok();
    /// }
    ///
    /// let bus = Bus::isolated().with(reserve).provide_with(|bus| Stock { bus }).build()?;
    /// assert_eq!(bus.publish(&OrderCreated)?.handled(), 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[track_caller]
    pub fn provide_with<T: Send + Sync + 'static>(
        self,
        make: impl Fn(WeakBus) -> T + Send + Sync + 'static,
    ) -> Self {
        self.add_provider(Provider::made_by(make, Location::caller()))
    }

    /// Adds a closure as a handler of `E`. It runs after the linked handlers of order 0, and closures run in the order
    /// of the calls.
    ///
    /// No other handler of `E` on this bus may have the same id.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::sync::mpsc;
    ///
    /// use eventful::{Bus, event};
    ///
    /// #[event]
    /// struct OrderCreated {
    ///     order_id: u64,
    /// }
    ///
    /// let (sender, receiver) = mpsc::channel();
    /// let bus = Bus::isolated()
    ///     .subscribe("collect", move |event: &OrderCreated| sender.send(event.order_id))
    ///     .build()?;
    /// bus.publish(&OrderCreated { order_id: 1 })?;
    /// assert_eq!(receiver.recv()?, 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[track_caller]
    pub fn subscribe<E: Listen + ?Sized, O: Reply<E::Mode, Marker>, Marker>(
        mut self,
        id: &'static str,
        // The compiler shows this line, with its comment, if the bounds are not met.
        handler: impl Fn(&E) -> O + Send + Sync + 'static, // a future borrows nothing of `&E`: clone, then `async move`
    ) -> Self {
        let ranks = self.subscribers.iter().map(BusHandler::rank);
        let number = match ranks.max() {
            Some(Rank::Subscribed(last)) => last + 1,
            _ => 0,
        };
        self.subscribers.push(BusHandler::subscribed(
            id,
            number,
            Location::caller(),
            Subject::of::<E>(),
            closure(handler),
        ));
        self
    }

    /// Adds a linked handler, named by its function. A handler that is already on the bus is not added twice.
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
    /// assert_eq!(bus.publish(&OrderCreated)?.handled(), 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[track_caller]
    pub fn with<F: 'static>(mut self, _handler: F) -> Self {
        let entries = self.linked_as::<F>("with", Location::caller());
        self.add(&entries);
        self
    }

    /// Adds the linked handlers with this id: for handlers in private modules.
    ///
    /// # Examples
    ///
    /// ```
    /// use eventful::{Bus, event};
    ///
    /// #[event]
    /// struct OrderCreated;
    ///
    /// mod mail {
    ///     # use eventful::handler;
    ///     #[handler(super::OrderCreated, id = "builder.mail")]
    ///     fn send(_: &super::OrderCreated) {}
    /// }
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let bus = Bus::isolated().with_id("builder.mail").build()?;
    /// assert_eq!(bus.publish(&OrderCreated)?.handled(), 1);
    /// # Ok(())
    /// # }
    /// ```
    #[track_caller]
    pub fn with_id(mut self, id: &str) -> Self {
        let entries = self.linked_with_id("with_id", id, Location::caller(), |_| linked_ids());
        self.add(&entries);
        self
    }

    /// Removes a handler, named by its function.
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
    /// fn send_mail(_: &OrderCreated) {}
    ///
    /// let bus = Bus::isolated().with(update_cache).with(send_mail).build()?;
    /// let quiet = bus.derive().without(send_mail).build()?;
    /// assert_eq!(quiet.publish(&OrderCreated)?.handled(), 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[track_caller]
    pub fn without<F: 'static>(mut self, _handler: F) -> Self {
        let at = Location::caller();
        let entries = self.linked_as::<F>("without", at);
        let before = self.subscribers.len();
        self.subscribers
            .retain(|subscriber| !subscriber.is_function(TypeId::of::<F>()));
        if self.subscribers.len() == before {
            self.not_on_bus("without", &entries, at);
        }
        self
    }

    /// Keeps the handlers for which `keep` returns true, among those that the builder has so far: for a process that
    /// has one of several roles. The bus needs only their resources.
    ///
    /// A bus that has fewer handlers than the program is not held to the number that each event declares.
    ///
    /// # Examples
    ///
    /// ```
    /// use eventful::{Bus, event, handler};
    ///
    /// #[event]
    /// struct OrderCreated;
    ///
    /// struct MailServer;
    ///
    /// #[handler(OrderCreated)]
    /// fn update_cache(_: &OrderCreated) {}
    ///
    /// #[handler(OrderCreated, id = "mail.send")]
    /// fn send_mail(_: &OrderCreated, server: &MailServer) {}
    ///
    /// let bus = Bus::isolated()
    ///     .with(update_cache)
    ///     .with(send_mail)
    ///     .retain(|subscription| !subscription.id().starts_with("mail."))
    ///     .build()?; // without a `MailServer`
    /// assert_eq!(bus.publish(&OrderCreated)?.handled(), 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn retain(mut self, mut keep: impl FnMut(Subscription<'_>) -> bool) -> Self {
        let before = self.subscribers.len();
        self.subscribers
            .retain(|subscriber| keep(Subscription(subscriber)));
        self.is_full &= self.subscribers.len() == before;
        self
    }

    /// Removes the handlers with this id, closures too.
    ///
    /// # Examples
    ///
    /// ```
    /// use eventful::{Bus, event};
    ///
    /// #[event]
    /// struct OrderCreated;
    ///
    /// let bus = Bus::isolated().subscribe("mail", |_: &OrderCreated| ()).build()?;
    /// let quiet = bus.derive().without_id("mail").build()?;
    /// assert_eq!(quiet.publish(&OrderCreated)?.handled(), 0);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[track_caller]
    pub fn without_id(mut self, id: &str) -> Self {
        let before = self.subscribers.len();
        self.subscribers
            .retain(|subscriber| subscriber.info.id != id);
        if self.subscribers.len() == before {
            let at = Location::caller();
            let entries = self.linked_with_id("without_id", id, at, Self::ids_on_bus);
            self.not_on_bus("without_id", &entries, at);
        }
        self
    }

    /// Calls `by` instead of a handler, named by its function. The bus then does not need the handler's resources.
    ///
    /// Id, order and position among the handlers stay those of the handler.
    ///
    /// # Examples
    ///
    /// ```
    /// use eventful::{Bus, event, handler};
    ///
    /// #[event]
    /// struct OrderCreated;
    ///
    /// struct MailServer;
    ///
    /// #[handler(OrderCreated)]
    /// fn send_mail(_: &OrderCreated, server: &MailServer) {}
    ///
    /// let bus = Bus::isolated()
    ///     .with(send_mail)
    ///     .replace(send_mail, |_: &OrderCreated| Err::<(), _>("no mail server"))
    ///     .build()?; // without a `MailServer`
    /// assert_eq!(bus.publish(&OrderCreated).unwrap_err().failures()[0].message(), "no mail server");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[track_caller]
    pub fn replace<F, E, Marker, O, ReplyMarker>(
        mut self,
        _handler: F,
        by: impl Fn(&E) -> O + Send + Sync + 'static,
    ) -> Self
    where
        F: HandlerFunction<E, Marker>,
        E: Listen + ?Sized,
        O: Reply<E::Mode, ReplyMarker>,
    {
        let at = Location::caller();
        let entries = self.linked_as::<F>("replace", at);
        let event = TypeId::of::<E>();
        let replaced = self.subscribers.iter_mut().find(|subscriber| {
            subscriber.is_function(TypeId::of::<F>()) && subscriber.subject.type_id() == event
        });
        match replaced {
            Some(subscriber) => subscriber.replace(at, closure(by)),
            None => self.not_on_bus("replace", &entries, at),
        }
        self
    }

    /// Calls `by` instead of the handler of `E` with this id, which may be a closure.
    ///
    /// # Examples
    ///
    /// ```
    /// use eventful::{Bus, event};
    ///
    /// #[event]
    /// struct OrderCreated;
    ///
    /// let bus = Bus::isolated().subscribe("mail", |_: &OrderCreated| ()).build()?;
    /// let failing = bus.derive().replace_id("mail", |_: &OrderCreated| Err::<(), _>("no mail server")).build()?;
    /// assert!(failing.publish(&OrderCreated).is_err());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[track_caller]
    pub fn replace_id<E: Listen + ?Sized, O: Reply<E::Mode, Marker>, Marker>(
        mut self,
        id: &str,
        by: impl Fn(&E) -> O + Send + Sync + 'static,
    ) -> Self {
        let at = Location::caller();
        let subject = Subject::of::<E>();
        let mut same_id: Vec<_> = self
            .subscribers
            .iter_mut()
            .filter(|subscriber| subscriber.info.id == id)
            .collect();
        if let Some(subscriber) = same_id
            .iter_mut()
            .find(|subscriber| subscriber.subject.type_id() == subject.type_id())
        {
            subscriber.replace(at, closure(by));
        } else if let Some(subscriber) = same_id.first() {
            let (handler, event) = (subscriber.info, subscriber.subject);
            let fault = WiringFault::wrong_event(handler, event, subject, at);
            self.faults.push(fault);
        } else {
            let entries = self.linked_with_id("replace_id", id, at, Self::ids_on_bus);
            self.not_on_bus("replace_id", &entries, at);
        }
        self
    }

    /// Sets how deep handlers that publish may be nested before a publish is refused. The default is 128.
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
    /// fn publish_again(event: &OrderCreated, bus: &Bus) -> Result<(), eventful::PublishError> {
    ///     bus.publish(event)?; // never ends by itself
    ///     Ok(())
    /// }
    ///
    /// let bus = Bus::isolated().with(publish_again).nesting_limit(3).build()?;
    /// assert!(bus.publish(&OrderCreated).is_err());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn nesting_limit(mut self, limit: u32) -> Self {
        self.limits.nesting = limit;
        self
    }

    /// Sets how many events that handlers return are published within one publish before the rest is refused. The
    /// default is 1000. A publish that a handler calls itself has a count of its own.
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
    /// fn create_again(_: &OrderCreated) -> OrderCreated {
    ///     OrderCreated // never ends by itself
    /// }
    ///
    /// let bus = Bus::isolated().with(create_again).cascade_limit(3).build()?;
    /// let error = bus.publish(&OrderCreated).unwrap_err();
    /// assert!(error.refusal().unwrap().is_cascade_limit());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn cascade_limit(mut self, limit: u32) -> Self {
        self.limits.cascade = limit;
        self
    }

    /// Adds an observer, which sees every publish on the bus, after those that were added before.
    ///
    /// # Examples
    ///
    /// ```
    /// use eventful::observe::{HandlerEnd, Observer};
    /// use eventful::{Bus, Delivery, event, handler};
    ///
    /// #[event]
    /// struct OrderCreated;
    ///
    /// #[handler(OrderCreated)]
    /// fn update_cache(_: &OrderCreated) {}
    ///
    /// struct Timing;
    ///
    /// impl Observer for Timing {
    ///     fn handler_finished(&self, delivery: &Delivery, end: &HandlerEnd<'_>) {
    ///         println!("{} took {:?}", delivery.handler(), end.elapsed());
    ///     }
    /// }
    ///
    /// let bus = Bus::isolated().with(update_cache).observe(Timing).build()?;
    /// assert_eq!(bus.publish(&OrderCreated)?.handled(), 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn observe(mut self, observer: impl Observer) -> Self {
        self.observers.add(observer);
        self
    }

    /// Sets the closure that runs what is [handed over](Bus::hand_over). It polls each task to its end.
    ///
    /// If the spawner drops a task before it returns, `hand_over` returns an error; if it does later, the publish ends
    /// there, which is logged.
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
    /// async fn send_mail(_: &OrderCreated) {}
    ///
    /// # futures_lite::future::block_on(async {
    /// let bus = Bus::isolated()
    ///     .with(send_mail)
    ///     // On tokio: `.spawner(|task| drop(tokio::spawn(task)))`.
    ///     .spawner(|task| drop(std::thread::spawn(|| futures_lite::future::block_on(task))))
    ///     .build()?;
    /// bus.hand_over(OrderCreated)?;
    /// bus.drained().await;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).unwrap();
    /// ```
    pub fn spawner(mut self, spawn: impl Fn(HandOverTask) + Send + Sync + 'static) -> Self {
        self.hand_overs.spawner = Some(Arc::new(spawn));
        self
    }

    /// Runs what is [handed over](Bus::hand_over) on a tokio runtime.
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
    /// async fn send_mail(_: &OrderCreated) {}
    ///
    /// let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    /// let bus = Bus::isolated().with(send_mail).spawn_on(runtime.handle().clone()).build()?;
    /// bus.hand_over(OrderCreated)?;
    /// runtime.block_on(bus.drained());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[cfg(feature = "tokio")]
    pub fn spawn_on(self, runtime: tokio::runtime::Handle) -> Self {
        self.spawner(move |task| drop(runtime.spawn(task)))
    }

    /// Sets how many [hand-overs](Bus::hand_over) may be under way, and what happens to one more. The default is 1024,
    /// and an error.
    ///
    /// A handler that was itself handed over needs no place for what it hands over: it could wait for the place that it
    /// has itself. A task or a thread that it spawns does need one.
    ///
    /// Buses that are [derived](Bus::derive) from one share its limit and its count. A derived bus whose builder calls
    /// this has its own.
    ///
    /// # Examples
    ///
    /// ```
    /// use eventful::{Bus, WhenFull, event};
    ///
    /// #[event(async)]
    /// struct OrderCreated;
    ///
    /// let bus = Bus::isolated()
    ///     .spawner(|task| std::mem::forget(task)) // never runs it
    ///     .hand_over_limit(2, WhenFull::Reject)
    ///     .build()?;
    /// bus.hand_over(OrderCreated)?;
    /// bus.hand_over(OrderCreated)?;
    /// assert!(bus.hand_over(OrderCreated).unwrap_err().is_full());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn hand_over_limit(mut self, limit: usize, when_full: WhenFull) -> Self {
        self.hand_overs.semaphore = Semaphore::new(limit);
        self.hand_overs.when_full = when_full;
        self
    }

    /// Builds the bus.
    ///
    /// # Errors
    ///
    /// With every fault, if anything is wrong: a resource is missing or provided twice, a name is no handler's, an
    /// order is impossible, two handlers share an id, or a limit lets publishes wait for ever. A bus that began with
    /// every linked handler is also held to the number of handlers that each event declares, and to unique event names.
    ///
    /// # Panics
    ///
    /// If a closure given to [`provide_with`](BusBuilder::provide_with) panics, or if an event has more than 1,048,575
    /// handlers.
    ///
    /// # Examples
    ///
    /// ```
    /// use eventful::{Bus, event, handler};
    ///
    /// #[event]
    /// struct OrderCreated;
    ///
    /// struct Cache;
    ///
    /// #[handler(OrderCreated)]
    /// fn update_cache(_: &OrderCreated, cache: &Cache) {}
    ///
    /// let error = Bus::isolated().with(update_cache).without_id("mail").build().unwrap_err();
    /// assert_eq!(error.faults().len(), 2);
    /// assert!(error.to_string().contains("Cache`, which nothing provides"));
    ///
    /// let bus = Bus::isolated().with(update_cache).provide(Cache).build()?;
    /// assert!(bus.has_handlers::<OrderCreated>());
    /// # Ok::<(), eventful::WiringError>(())
    /// ```
    pub fn build(self) -> Result<Bus, WiringError> {
        let Self {
            subscribers,
            providers,
            limits,
            hand_overs,
            observers,
            taps,
            is_full,
            mut faults,
        } = self;
        if Registry::get().came_too_early() {
            return Err(WiringError::new(vec![WiringFault::registry_too_early()]));
        }
        let subscribers: Arc<[BusHandler]> = subscribers.into();
        providers.find_missing(&subscribers, &mut faults);
        let plan = BusPlan::new(&subscribers, is_full, false);
        faults.extend(plan.faults());
        if hand_overs.semaphore.limit() == 0 && hand_overs.when_full == WhenFull::Queue {
            faults.push(WiringFault::no_room_to_wait_for());
        }
        if !faults.is_empty() {
            return Err(WiringError::new(faults));
        }
        providers.log_absent(&subscribers);
        Ok(Bus(Arc::new_cyclic(|bus| {
            let resources = providers.resources(&WeakBus(bus.clone()));
            // The fast path tells no observer, and does not look at the nesting of a publish that is in nothing.
            let is_fast = observers.is_empty() && taps.is_empty() && limits.nesting > 0;
            let bind =
                |(event, reached)| tables::bind(event, reached, &subscribers, &resources, is_fast);
            let mut planned = plan.tables();
            let registered = planned.by_ref().take(Registry::get().events().len());
            let tables = Tables::new(registered.map(bind));
            for instantiation in planned {
                let event = instantiation.0.type_id();
                let made = || Ok(bind(instantiation));
                tables.generic().get_or_make(event, made).ok();
            }
            Inner {
                tables,
                limits,
                observers,
                taps,
                hand_overs,
                resources,
                is_full,
                subscribers: Arc::clone(&subscribers),
                providers,
            }
        })))
    }

    /// Describes the bus that [`build`](BusBuilder::build) would make. No resources are needed.
    ///
    /// `Bus::builder().wiring()` describes the program: every linked event and handler. Only [`Bus::wiring`] tells
    /// which optional resources are absent, since a builder may still be given them.
    ///
    /// # Errors
    ///
    /// If the handlers cannot be put in order, or are otherwise wrong in a way that does not depend on resources. The
    /// error has the faults that `build` would report.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # use eventful_core as eventful;
    /// use eventful::Bus;
    ///
    /// println!("{}", Bus::builder().wiring()?); // a table
    /// # Ok::<(), eventful::WiringError>(())
    /// ```
    pub fn wiring(mut self) -> Result<Wiring, WiringError> {
        if Registry::get().came_too_early() {
            return Err(WiringError::new(vec![WiringFault::registry_too_early()]));
        }
        let plan = BusPlan::new(&self.subscribers, self.is_full, true);
        self.faults.extend(plan.faults());
        if self.faults.is_empty() {
            Ok(plan.describe(self.is_full, self.providers.wiring(), |_| false))
        } else {
            Err(WiringError::new(self.faults))
        }
    }

    fn add_provider(mut self, provider: Provider) -> Self {
        self.providers.add(provider, &mut self.faults);
        self
    }

    fn linked_as<F: 'static>(
        &mut self,
        method: &'static str,
        at: &'static Location<'static>,
    ) -> Vec<&'static BusHandler> {
        let entries: Vec<_> = Registry::get()
            .handlers_of_function(TypeId::of::<F>())
            .collect();
        if entries.is_empty() {
            let fault = WiringFault::not_a_handler(method, type_name::<F>(), at);
            self.faults.push(fault);
        }
        entries
    }

    fn linked_with_id(
        &mut self,
        method: &'static str,
        id: &str,
        at: &'static Location<'static>,
        meant: impl FnOnce(&Self) -> Vec<&'static str>,
    ) -> Vec<&'static BusHandler> {
        let entries: Vec<_> = Registry::get().handlers_with_id(id).collect();
        if entries.is_empty() {
            let meant = did_you_mean(id, meant(self));
            self.faults
                .push(WiringFault::unknown_id(method, id, meant, at));
        }
        entries
    }

    fn ids_on_bus(&self) -> Vec<&'static str> {
        let handlers = self.subscribers.iter();
        handlers.map(|subscriber| subscriber.info.id).collect()
    }

    fn add(&mut self, entries: &[&'static BusHandler]) {
        for &entry in entries {
            let mut subscribers = self.subscribers.iter();
            if !subscribers.any(|subscriber| subscriber.is_same(entry)) {
                self.subscribers.push(entry.clone());
            }
        }
    }

    fn not_on_bus(
        &mut self,
        method: &'static str,
        entries: &[&'static BusHandler],
        at: &'static Location<'static>,
    ) {
        let faults = entries.iter().map(|entry| entry.info);
        let faults = faults.map(|handler| WiringFault::not_on_bus(method, handler, at));
        self.faults.extend(faults);
    }
}

fn linked_ids() -> Vec<&'static str> {
    let handlers = Registry::get().handlers().iter();
    handlers.map(|entry| entry.info.id).collect()
}

impl fmt::Debug for BusBuilder {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let handlers = self.subscribers.iter().map(|subscriber| subscriber.info);
        let mut fields = formatter.debug_struct("BusBuilder");
        fields.field("handlers", &handlers.collect::<Vec<_>>());
        fields.finish_non_exhaustive()
    }
}

fn closure<E, O, Marker, C>(closure: C) -> Closure
where
    E: Listen + ?Sized,
    O: Reply<E::Mode, Marker>,
    C: Fn(&E) -> O + Send + Sync + 'static,
{
    Closure::new::<E, C, O::__Events>(O::__call::<E, C>(), closure)
}
