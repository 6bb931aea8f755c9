//! The end of a builder: a bus, its wiring, or everything that is wrong.

use std::sync::Arc;

use eventful_wiring::Wiring;

use super::BusBuilder;
use crate::bus::hand_over::WhenFull;
use crate::bus::plan::BusPlan;
use crate::bus::tables::{self, Tables};
use crate::bus::{Bus, Inner, WeakBus};
use crate::registry::{BusHandler, Registry};
use crate::report::{WiringError, WiringFault};

impl BusBuilder {
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
            let of_durable = plan.of_durable();
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
                of_durable,
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
}
