//! The orders of each customer so far, ready to be shown.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Mutex, PoisonError};

use eventful::handler;

use crate::order::{Cents, OrderCreated};

#[derive(Default)]
pub(crate) struct CustomerCache {
    customers: Mutex<HashMap<u64, Totals>>,
}

#[derive(Clone, Copy, Default)]
pub(crate) struct Totals {
    orders: u32,
    spent: Cents,
}

impl CustomerCache {
    pub(crate) fn get(&self, customer_id: u64) -> Option<Totals> {
        self.customers
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get(&customer_id)
            .copied()
    }

    fn add(&self, customer_id: u64, total: Cents) -> Totals {
        let mut customers = self
            .customers
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let totals = customers.entry(customer_id).or_default();
        totals.orders += 1;
        totals.spent.0 = totals.spent.0.saturating_add(total.0);
        *totals
    }
}

impl fmt::Display for Totals {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let orders = if self.orders == 1 { "order" } else { "orders" };
        write!(formatter, "{} {orders}, {} EUR", self.orders, self.spent)
    }
}

#[handler(OrderCreated)]
pub(crate) fn update_cache(event: &OrderCreated, cache: &CustomerCache) {
    let totals = cache.add(event.customer_id, event.total);
    println!("  cache: customer {} has {totals}", event.customer_id);
}
