//! The shop without HTTP: the bus, and the resources of its handlers.

use std::fmt;
use std::sync::Arc;

use eventful::observe::{Metrics, TracingSpans};
use eventful::{Bus, WiringError};
use metrics_exporter_prometheus::PrometheusHandle;
use orders::{AuditTrail, Database, Mailer, OrderCache, OrderStore};

use crate::failures::{FailureQueue, FailureWriter};
use crate::metrics;
use crate::tasks::Tasks;

/// The shop, which each request has. Cheap to clone.
#[derive(Clone)]
pub struct Shop {
    pub(crate) bus: Bus,
    pub(crate) database: Database,
    pub(crate) store: OrderStore,
    pub(crate) cache: OrderCache,
    pub(crate) trail: AuditTrail,
    pub(crate) prometheus: PrometheusHandle,
    /// The orders that are being placed.
    pub(crate) tasks: Tasks,
}

/// The parts of a shop that a test may choose.
pub struct ShopParts {
    /// The database.
    pub database: Database,
    /// A transport for mails.
    pub mailer: Arc<dyn Mailer>,
}

/// The most orders that are placed at a time. The client of one more is told to try again later.
const MOST_AT_A_TIME: usize = 1024;

const CACHED_ORDERS: u64 = 10_000;

impl Shop {
    /// Opens the shop, with the handlers of every crate in Cargo.toml. Must be called on a tokio runtime.
    ///
    /// # Errors
    ///
    /// If the handlers contradict each other, or one needs a resource that is missing.
    pub(crate) fn open(parts: ShopParts) -> Result<(Self, FailureWriter), WiringError> {
        let ShopParts { database, mailer } = parts;
        let cache = OrderCache::new(CACHED_ORDERS);
        let trail = AuditTrail::new(database.clone());
        let prometheus = metrics::recorder();
        let failures = FailureQueue::new();
        let bus = eventful::bus!()
            .provide(database.clone())
            .provide(cache.clone())
            .provide(trail.clone())
            .provide_arc(mailer)
            .observe(TracingSpans)
            .observe(Metrics::new())
            .observe(failures.observer())
            .build()?;
        let writer = failures.write_on(bus.clone());
        let shop = Self {
            bus,
            store: OrderStore::new(database.clone()),
            database,
            cache,
            trail,
            prometheus,
            tasks: Tasks::new(MOST_AT_A_TIME),
        };
        Ok((shop, writer))
    }

    /// Returns the bus.
    #[must_use]
    pub const fn bus(&self) -> &Bus {
        &self.bus
    }

    /// The database.
    #[must_use]
    pub const fn database(&self) -> &Database {
        &self.database
    }
}

impl fmt::Debug for Shop {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Shop")
            .field("bus", &self.bus)
            .field("database", &self.database)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for ShopParts {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("ShopParts")
            .field("database", &self.database)
            .finish_non_exhaustive()
    }
}
