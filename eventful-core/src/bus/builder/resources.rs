//! The resources of a bus.

use std::panic::Location;
use std::sync::Arc;

use super::BusBuilder;
use crate::bus::WeakBus;
use crate::bus::providers::Provider;

impl BusBuilder {
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
    pub fn provide<T: Send + Sync + 'static>(self, resource: T) -> Self {
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
    pub fn provide_arc<T: ?Sized + Send + Sync + 'static>(self, resource: Arc<T>) -> Self {
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

    fn add_provider(mut self, provider: Provider) -> Self {
        self.providers.add(provider, &mut self.faults);
        self
    }
}
