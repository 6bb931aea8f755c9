//! Putting a bus together, and finding everything that is wrong with it. The methods whose bounds compile errors quote
//! are here, because the errors name the module of all others.

mod build;
mod changes;
mod choosing;
mod settings;

use std::fmt;
use std::panic::Location;
use std::sync::Arc;

use super::async_closure::{self, AsyncClosure};
use super::hand_over::HandOvers;
use super::handler_function::HandlerFunction;
use super::limits::Limits;
use super::providers::{Provider, Providers};
use super::reply::Reply;
use super::tap::Taps;
use super::{Inner, WeakBus};
use crate::event::mode::AcceptsAsync;
use crate::event::{Listen, Subject};
use crate::observe::Observers;
use crate::outcome::Outcome;
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
        self,
        id: &'static str,
        // The compiler shows this line, with its comment, if the bounds are not met.
        handler: impl Fn(&E) -> O + Send + Sync + 'static, // a future that borrows `&E`: write `subscribe_async`
    ) -> Self {
        self.subscribe_closure(id, Subject::of::<E>(), closure(handler), Location::caller())
    }

    /// Adds an async closure, or an `async fn`, as a handler of `E`. Its future may borrow the event. It runs where one
    /// of [`subscribe`](BusBuilder::subscribe) would.
    ///
    /// Each call takes a clone of the closure: capture an `Arc`, a sender or something else that is cheap to clone.
    ///
    /// # Examples
    ///
    /// ```
    /// use eventful::{Bus, event};
    ///
    /// #[event(async)]
    /// struct OrderCreated {
    ///     order_id: u64,
    /// }
    ///
    /// async fn save(order_id: &u64) -> Result<(), String> {
    ///     Err(format!("no database for {order_id}"))
    /// }
    ///
    /// # futures_lite::future::block_on(async {
    /// let bus = Bus::isolated()
    ///     .subscribe_async("save", async |event: &OrderCreated| save(&event.order_id).await)
    ///     .build()?;
    /// let error = bus.publish(&OrderCreated { order_id: 1 }).await.unwrap_err();
    /// assert_eq!(error.failures()[0].message(), "no database for 1");
    /// # Ok::<(), eventful::WiringError>(())
    /// # }).unwrap();
    /// ```
    #[track_caller]
    pub fn subscribe_async<E, O>(
        self,
        id: &'static str,
        handler: impl for<'a> AsyncClosure<'a, E, Output = O> + Clone + Send + Sync + 'static, // cloned: use an `Arc`
    ) -> Self
    where
        E: Listen<Mode: AcceptsAsync> + ?Sized,
        O: Outcome<E::Mode> + 'static,
    {
        let closure = async_closure::erased(handler);
        self.subscribe_closure(id, Subject::of::<E>(), closure, Location::caller())
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
        self,
        _handler: F,
        by: impl Fn(&E) -> O + Send + Sync + 'static,
    ) -> Self
    where
        F: HandlerFunction<E, Marker>,
        E: Listen + ?Sized,
        O: Reply<E::Mode, ReplyMarker>,
    {
        self.replace_function::<F, E>("replace", closure(by), Location::caller())
    }

    /// Calls `by`, an async closure or an `async fn` whose future may borrow the event, instead of a handler, named by
    /// its function. See [`replace`](BusBuilder::replace) and [`subscribe_async`](BusBuilder::subscribe_async).
    ///
    /// # Examples
    ///
    /// ```
    /// use eventful::{Bus, event, handler};
    ///
    /// #[event(async)]
    /// struct OrderCreated {
    ///     address: String,
    /// }
    ///
    /// #[handler(OrderCreated)]
    /// async fn send_mail(_: &OrderCreated, server: &String) {}
    ///
    /// async fn refuse(address: &str) -> Result<(), String> {
    ///     Err(format!("no mail server for {address}"))
    /// }
    ///
    /// # futures_lite::future::block_on(async {
    /// let bus = Bus::isolated()
    ///     .with(send_mail)
    ///     .replace_async(send_mail, async |event: &OrderCreated| refuse(&event.address).await)
    ///     .build()?; // without a `String`
    /// let error = bus.publish(&OrderCreated { address: "a@b.de".to_owned() }).await.unwrap_err();
    /// assert_eq!(error.failures()[0].message(), "no mail server for a@b.de");
    /// # Ok::<(), eventful::WiringError>(())
    /// # }).unwrap();
    /// ```
    #[track_caller]
    pub fn replace_async<F, E, Marker, O>(
        self,
        _handler: F,
        by: impl for<'a> AsyncClosure<'a, E, Output = O> + Clone + Send + Sync + 'static,
    ) -> Self
    where
        F: HandlerFunction<E, Marker>,
        E: Listen<Mode: AcceptsAsync> + ?Sized,
        O: Outcome<E::Mode> + 'static,
    {
        let closure = async_closure::erased(by);
        self.replace_function::<F, E>("replace_async", closure, Location::caller())
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
        self,
        id: &str,
        by: impl Fn(&E) -> O + Send + Sync + 'static,
    ) -> Self {
        self.replace_with_id(
            "replace_id",
            id,
            Subject::of::<E>(),
            closure(by),
            Location::caller(),
        )
    }

    /// Calls `by`, an async closure or an `async fn` whose future may borrow the event, instead of the handler of `E`
    /// with this id. See [`replace_id`](BusBuilder::replace_id) and [`subscribe_async`](BusBuilder::subscribe_async).
    ///
    /// # Examples
    ///
    /// ```
    /// use eventful::{Bus, event};
    ///
    /// #[event(async)]
    /// struct OrderCreated;
    ///
    /// async fn fail(_: &OrderCreated) -> Result<(), &'static str> {
    ///     Err("no mail server")
    /// }
    ///
    /// # futures_lite::future::block_on(async {
    /// let bus = Bus::isolated().subscribe("mail", |_: &OrderCreated| ()).build()?;
    /// let failing = bus.derive().replace_id_async("mail", fail).build()?;
    /// assert!(failing.publish(&OrderCreated).await.is_err());
    /// # Ok::<(), eventful::WiringError>(())
    /// # }).unwrap();
    /// ```
    #[track_caller]
    pub fn replace_id_async<E, O>(
        self,
        id: &str,
        by: impl for<'a> AsyncClosure<'a, E, Output = O> + Clone + Send + Sync + 'static,
    ) -> Self
    where
        E: Listen<Mode: AcceptsAsync> + ?Sized,
        O: Outcome<E::Mode> + 'static,
    {
        let (subject, closure) = (Subject::of::<E>(), async_closure::erased(by));
        self.replace_with_id("replace_id_async", id, subject, closure, Location::caller())
    }

    fn add_provider(mut self, provider: Provider) -> Self {
        self.providers.add(provider, &mut self.faults);
        self
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
