//! Putting a bus together, and finding everything that is wrong with it. The methods whose bounds compile errors quote are
//! here, because the errors name the module of all others.

mod build;
mod choosing;
mod settings;

use std::any::{TypeId, type_name};
use std::fmt;
use std::panic::Location;
use std::sync::Arc;

use eventful_wiring::did_you_mean;
use eventful_wiring::resolve::Rank;

use super::hand_over::HandOvers;
use super::handler_function::HandlerFunction;
use super::limits::Limits;
use super::providers::{Provider, Providers};
use super::reply::Reply;
use super::tap::Taps;
use super::{Inner, WeakBus};
use crate::event::{Listen, Subject};
use crate::observe::Observers;
use crate::registry::{BusHandler, Closure, Registry};
use crate::report::WiringFault;

/// Chooses the handlers and the resources of a [`Bus`](crate::Bus).
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
    /// [derived](crate::Bus::derive) from this one calls it again.
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
