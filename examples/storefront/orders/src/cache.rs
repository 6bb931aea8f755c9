//! Orders that were read lately.

use std::sync::atomic::{AtomicU64, Ordering};

use eventful::handler;
use moka::sync::Cache;

use crate::events::{OrderEvent, OrderPaid, PaymentDeclined, StockReserved, StockShort};
use crate::{DatabaseError, OrderId, OrderStore, TrackedOrder};

/// Orders that were read lately, and have not changed since.
#[derive(Clone, Debug)]
pub struct OrderCache {
    orders: Cache<OrderId, TrackedOrder>,
    forgotten: std::sync::Arc<AtomicU64>,
}

impl OrderCache {
    /// An empty cache, for at most so many orders.
    #[must_use]
    pub fn new(most: u64) -> Self {
        Self {
            orders: Cache::new(most),
            forgotten: std::sync::Arc::default(),
        }
    }

    /// The order of this number: from the cache, or else from `store`.
    ///
    /// # Errors
    ///
    /// If the database fails.
    pub async fn find(
        &self,
        id: OrderId,
        store: &OrderStore,
    ) -> Result<Option<TrackedOrder>, DatabaseError> {
        if let Some(order) = self.orders.get(&id) {
            return Ok(Some(order));
        }
        let forgotten = self.forgotten.load(Ordering::SeqCst);
        let found = store.find(id).await?;
        if let Some(order) = &found {
            self.orders.insert(id, order.clone());
            // The order may have changed after it was read and before it was inserted. Then this entry must go, too.
            if self.forgotten.load(Ordering::SeqCst) != forgotten {
                self.orders.invalidate(&id);
            }
        }
        Ok(found)
    }

    /// Forgets an order that has changed.
    pub fn forget(&self, id: OrderId) {
        self.forgotten.fetch_add(1, Ordering::SeqCst);
        self.orders.invalidate(&id);
    }

    /// Returns `true` if the cache has this order.
    #[must_use]
    pub fn has(&self, id: OrderId) -> bool {
        self.orders.contains_key(&id)
    }
}

/// Forgets an order whenever its status has changed, before any other handler runs.
#[handler(StockReserved, StockShort, OrderPaid, PaymentDeclined, order = -100)]
pub fn forget<E: OrderEvent>(event: &E, cache: &OrderCache) {
    cache.forget(event.order_id());
}
