//! Putting a bus together, and finding everything that is wrong with it.

use std::any::{TypeId, type_name};
use std::fmt;
use std::panic::Location;
use std::sync::Arc;

use eventful_wiring::resolve::Rank;
use eventful_wiring::{Wiring, did_you_mean};

use super::detached::{self, Detached, DetachedTask, WhenFull};
use super::handler_function::HandlerFunction;
use super::limits::Limits;
use super::plan::BusPlan;
use super::providers::Providers;
use super::reply::Reply;
use super::tables::{self, Tables};
use super::tap::Tap;
use super::{Bus, Inner, WeakBus};
use crate::event::{Listen, Subject};
use crate::observer::{Observer, Observers};
use crate::registry::{BusHandler, Closure, Registry};
use crate::report::{FaultKind, WiringError};

/// Chooses the handlers and the resources of a [`Bus`].
///
/// No call fails by itself: [`build`](BusBuilder::build) reports everything that is wrong at once.
///
/// # Examples
///
/// ```
/// # use eventful_core as eventful;
/// use std::sync::Arc;
///
/// use eventful::Bus;
///
/// trait Mailer: Send + Sync {}
/// struct Smtp;
/// impl Mailer for Smtp {}
///
/// let bus = Bus::isolated()
///     .provide(42_u64)                        // for `&u64`
///     .provide_arc::<dyn Mailer>(Arc::new(Smtp)) // for `&dyn Mailer` and `&Arc<dyn Mailer>`
///     .build()?;
/// # drop(bus);
/// # Ok::<(), eventful::WiringError>(())
/// ```
#[must_use = "a builder does nothing until `build` is called"]
pub struct BusBuilder {
    subscribers: Vec<BusHandler>,
    providers: Providers,
    limits: Limits,
    detached: detached::Settings,
    observers: Observers,
    pub(super) taps: Vec<Arc<dyn Tap>>,
    /// True if it began with every linked handler.
    is_full: bool,
    faults: Vec<FaultKind>,
}

impl BusBuilder {
    pub(super) fn linked() -> Self {
        let registry = Registry::get();
        let mut builder = Self::empty();
        builder.is_full = true;
        builder.subscribers = registry.handlers().to_vec();
        if !registry.is_complete() {
            builder.faults.push(FaultKind::HandlersDropped);
        }
        builder
    }

    pub(super) fn empty() -> Self {
        Self {
            subscribers: Vec::new(),
            providers: Providers::default(),
            limits: Limits::default(),
            detached: detached::Settings::default(),
            observers: Observers::default(),
            taps: Vec::new(),
            is_full: false,
            faults: Vec::new(),
        }
    }

    pub(super) fn derived(bus: &Inner) -> Self {
        Self {
            subscribers: bus.subscribers.to_vec(),
            providers: bus.providers.inherited(),
            limits: bus.limits,
            detached: bus.detached.settings().clone(),
            observers: bus.observers.clone(),
            taps: bus.taps.clone(),
            is_full: false,
            faults: Vec::new(),
        }
    }

    /// Gives `resource` to handlers that ask for `&T` or `Option<&T>`.
    #[track_caller]
    pub fn provide<T: Send + Sync + 'static>(mut self, resource: T) -> Self {
        self.providers
            .provide(resource, Location::caller(), &mut self.faults);
        self
    }

    /// Gives `resource` to handlers that ask for `&T` or `&Arc<T>`; `T` may be a `dyn Trait`.
    #[track_caller]
    pub fn provide_arc<T: ?Sized + Send + Sync + 'static>(mut self, resource: Arc<T>) -> Self {
        self.providers
            .provide_arc(resource, Location::caller(), &mut self.faults);
        self
    }

    /// Gives what `make` makes to handlers that ask for `&T`: a service that publishes on the bus that holds it.
    ///
    /// `make` is called by [`build`](BusBuilder::build), when [`WeakBus::upgrade`] has no bus yet, and again for each
    /// bus that is [derived](Bus::derive) from this one.
    #[track_caller]
    pub fn provide_with<T: Send + Sync + 'static>(
        mut self,
        make: impl Fn(WeakBus) -> T + Send + Sync + 'static,
    ) -> Self {
        self.providers
            .provide_with(make, Location::caller(), &mut self.faults);
        self
    }

    /// Adds a closure as a handler of `E`, after the linked handlers of order 0 and in the order of the calls.
    ///
    /// No other handler of `E` on this bus may have the same id.
    #[track_caller]
    pub fn subscribe<E: Listen + ?Sized, O: Reply<E::Mode, Marker>, Marker>(
        mut self,
        id: &'static str,
        handler: impl Fn(&E) -> O + Send + Sync + 'static,
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

    /// Adds a linked handler, named by its function. One that is on the bus already stays on it once.
    #[track_caller]
    pub fn with<F: 'static>(mut self, _handler: F) -> Self {
        let entries = self.linked_as::<F>("with", Location::caller());
        self.add(&entries);
        self
    }

    /// Adds the linked handlers with this id.
    #[track_caller]
    pub fn with_id(mut self, id: &str) -> Self {
        let entries = self.linked_with_id("with_id", id, Location::caller(), |_| linked_ids());
        self.add(&entries);
        self
    }

    /// Removes a handler, named by its function.
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

    /// Removes the handlers with this id, closures too.
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

    /// Calls `by` in the place of a handler, named by its function, which needs no resources any more.
    ///
    /// Id, order and place stay those of the handler.
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

    /// Calls `by` in the place of the handler of `E` with this id, a closure's too.
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
            let (handler, event) = (subscriber.info, subscriber.subject.to_string());
            self.faults.push(FaultKind::WrongEvent {
                handler,
                event,
                given: subject.to_string(),
                at,
            });
        } else {
            let entries = self.linked_with_id("replace_id", id, at, Self::ids_on_bus);
            self.not_on_bus("replace_id", &entries, at);
        }
        self
    }

    /// Sets how deep handlers that publish may be nested before a publish is refused: 128 unless set.
    pub fn nesting_limit(mut self, limit: u32) -> Self {
        self.limits.nesting = limit;
        self
    }

    /// Sets how many events that handlers return are delivered within one publish before the rest is refused: 1000 unless
    /// set. Those of a publish that a handler calls itself are counted on their own.
    pub fn cascade_limit(mut self, limit: u32) -> Self {
        self.limits.cascade = limit;
        self
    }

    /// Tells `observer` what happens on the bus, after those given before.
    pub fn observe(mut self, observer: impl Observer) -> Self {
        self.observers.add(observer);
        self
    }

    /// Says what runs the publishes of [`Bus::publish_detached`] and the work of [`Bus::detach`]: something that polls the
    /// task to its end.
    ///
    /// A task that the spawner drops is logged as one that was not finished.
    pub fn spawner(mut self, spawn: impl Fn(DetachedTask) + Send + Sync + 'static) -> Self {
        self.detached.spawner = Some(Arc::new(spawn));
        self
    }

    /// Runs the publishes of [`Bus::publish_detached`] and the work of [`Bus::detach`] on a tokio runtime.
    #[cfg(feature = "tokio")]
    pub fn spawn_on(self, runtime: tokio::runtime::Handle) -> Self {
        self.spawner(move |task| drop(runtime.spawn(task)))
    }

    /// Sets how many detached publishes and other tasks may be outstanding, and what happens to one more: 1024 unless set, and waiting.
    pub fn detached_limit(mut self, limit: usize, when_full: WhenFull) -> Self {
        self.detached.limit = limit;
        self.detached.when_full = when_full;
        self
    }

    /// Builds the bus.
    ///
    /// # Errors
    ///
    /// If anything is wrong, with every fault: a resource that nothing provides, one that is provided twice, a handler
    /// that is none, an order that is impossible, an id that two handlers share, a limit that lets publishes wait for ever. A
    /// bus that began with every linked handler is also held to what events say of the number of their handlers, and to names
    /// that no two events share.
    ///
    /// # Panics
    ///
    /// If a closure given to [`provide_with`](BusBuilder::provide_with) does, or if an event has more than 1,048,575 handlers.
    pub fn build(self) -> Result<Bus, WiringError> {
        let Self {
            subscribers,
            providers,
            limits,
            detached,
            observers,
            taps,
            is_full,
            mut faults,
        } = self;
        let subscribers: Arc<[BusHandler]> = subscribers.into();
        providers.find_missing(&subscribers, &mut faults);
        let plan = BusPlan::new(&subscribers, is_full, false);
        faults.extend(plan.faults());
        if detached.limit == 0 && detached.when_full == WhenFull::Wait {
            faults.push(FaultKind::NoRoomToWaitFor);
        }
        if !faults.is_empty() {
            return Err(WiringError::new(faults));
        }
        Ok(Bus(Arc::new_cyclic(|bus| {
            let resources = providers.resources(&WeakBus(bus.clone()));
            let bind = |(event, reached)| tables::bind(event, reached, &subscribers, &resources);
            let mut planned = plan.tables();
            let registered = planned.by_ref().take(Registry::get().events().len());
            let bound = registered.map(|planned| (planned.0, bind(planned)));
            // A publish that is in nothing does not look at the limit.
            let is_watched = !observers.is_empty() || !taps.is_empty() || limits.nesting == 0;
            let tables = Tables::new(bound, is_watched);
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
                detached: Detached::new(detached),
                resources,
                is_full,
                subscribers: Arc::clone(&subscribers),
                providers,
            }
        })))
    }

    /// Describes the bus that [`build`](BusBuilder::build) would make. No resources are needed.
    ///
    /// `Bus::builder().wiring()` describes the program: every linked event and handler.
    ///
    /// # Errors
    ///
    /// If the handlers cannot be put in order, or are otherwise wrong in a way that does not depend on resources. The error
    /// has the faults that `build` would report.
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
        let plan = BusPlan::new(&self.subscribers, self.is_full, true);
        self.faults.extend(plan.faults());
        if self.faults.is_empty() {
            Ok(plan.describe(self.is_full, self.providers.wiring()))
        } else {
            Err(WiringError::new(self.faults))
        }
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
            self.faults.push(FaultKind::NotAHandler {
                method,
                function: type_name::<F>(),
                at,
            });
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
            self.faults.push(FaultKind::UnknownId {
                method,
                id: id.to_owned(),
                meant: did_you_mean(id, meant(self)),
                at,
            });
        }
        entries
    }

    fn ids_on_bus(&self) -> Vec<&'static str> {
        let handlers = self.subscribers.iter();
        handlers.map(|subscriber| subscriber.info.id).collect()
    }

    fn add(&mut self, entries: &[&'static BusHandler]) {
        for &entry in entries {
            if !self
                .subscribers
                .iter()
                .any(|subscriber| subscriber.is_same(entry))
            {
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
        let faults = entries.iter().map(|entry| FaultKind::NotOnBus {
            method,
            handler: entry.info,
            at,
        });
        self.faults.extend(faults);
    }
}

fn linked_ids() -> Vec<&'static str> {
    let handlers = Registry::get().handlers().iter();
    handlers.map(|entry| entry.info.id).collect()
}

impl fmt::Debug for BusBuilder {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("BusBuilder")
            .field(
                "handlers",
                &self
                    .subscribers
                    .iter()
                    .map(|subscriber| subscriber.info)
                    .collect::<Vec<_>>(),
            )
            .finish_non_exhaustive()
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
