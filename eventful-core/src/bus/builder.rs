//! Putting a bus together, and finding everything that is wrong with it.

mod handlers;
mod resources;
mod settings;

use std::fmt;
use std::sync::Arc;

use eventful_wiring::Wiring;

use super::detached::{self, Detached, WhenFull};
use super::limits::Limits;
use super::plan::BusPlan;
use super::providers::Providers;
use super::tables::{self, Tables};
use super::tap::Taps;
use super::{Bus, Inner, WeakBus};
use crate::observe::Observers;
use crate::registry::{BusHandler, Registry};
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
    detached: detached::Settings,
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
            detached: detached::Settings::default(),
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
            detached: bus.detached.settings().clone(),
            observers: bus.observers.clone(),
            taps: bus.taps.clone(),
            is_full: false,
            faults: Vec::new(),
        }
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
            faults.push(WiringFault::no_room_to_wait_for());
        }
        if !faults.is_empty() {
            return Err(WiringError::new(faults));
        }
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
        let plan = BusPlan::new(&self.subscribers, self.is_full, true);
        self.faults.extend(plan.faults());
        if self.faults.is_empty() {
            Ok(plan.describe(self.is_full, self.providers.wiring()))
        } else {
            Err(WiringError::new(self.faults))
        }
    }
}

impl fmt::Debug for BusBuilder {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let handlers = self.subscribers.iter().map(|subscriber| subscriber.info);
        let mut fields = formatter.debug_struct("BusBuilder");
        fields.field("handlers", &handlers.collect::<Vec<_>>());
        fields.finish_non_exhaustive()
    }
}
