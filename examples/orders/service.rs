//! The service method.

use crate::order::{NewOrder, Order, OrderCreated};
use crate::store::{OrderStore, SaveError};

/// Saves the order and publishes the event. The handlers decide what follows.
pub(crate) fn create_order(input: NewOrder, store: &OrderStore) -> Result<Order, SaveError> {
    let order = store.save(input)?;
    println!(
        "order {}: {} × {}, {} EUR",
        order.id, order.quantity, order.product, order.total
    );
    OrderCreated::from(&order).publish().ok(); // each failure is already logged with its handler; the order stands
    Ok(order)
}
