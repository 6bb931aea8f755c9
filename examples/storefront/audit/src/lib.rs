//! The audit: a line for everything that happens to an order.

use eventful::{Delivery, handler};
use orders::events::OrderEvent;
use orders::{AuditTrail, DatabaseError};

/// Writes down each event, before other handlers act on it.
///
/// # Errors
///
/// If the line cannot be written.
#[handler(dyn OrderEvent, order = -10)]
pub async fn write_down(
    event: &dyn OrderEvent,
    delivery: &Delivery,
    trail: &AuditTrail,
) -> Result<(), DatabaseError> {
    trail
        .append(event.order_id(), delivery.event_name(), &event.line())
        .await
}
