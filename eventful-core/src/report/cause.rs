//! The causes of a publish.

use std::fmt;
use std::panic::Location;

use crate::handler::HandlerInfo;

/// The handler that made a publish happen, and the event that it was handling.
///
/// # Examples
///
/// ```
/// use eventful::{Bus, Delivery, event, handler};
///
/// #[event]
/// struct OrderCreated;
///
/// #[event]
/// struct StockReserved;
///
/// #[handler(OrderCreated, id = "stock.reserve")]
/// fn reserve_stock(_: &OrderCreated) -> StockReserved {
///     StockReserved
/// }
///
/// #[handler(StockReserved)]
/// fn ship(_: &StockReserved, delivery: &Delivery) {
///     let cause = delivery.cause().unwrap();
///     assert_eq!(cause.handler().id(), "stock.reserve");
/// }
///
/// let bus = Bus::isolated().with(reserve_stock).with(ship).build()?;
/// assert_eq!(bus.publish(&OrderCreated)?.cascaded(), 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy)]
pub struct Cause {
    handler: HandlerInfo,
    event: &'static str,
    published_at: &'static Location<'static>,
}

impl Cause {
    pub(crate) const fn new(
        handler: HandlerInfo,
        event: &'static str,
        published_at: &'static Location<'static>,
    ) -> Self {
        Self {
            handler,
            event,
            published_at,
        }
    }

    /// Returns the handler that published the event, or returned it.
    #[must_use]
    pub const fn handler(&self) -> &HandlerInfo {
        &self.handler
    }

    /// Returns the name of the event that the handler was handling.
    #[must_use]
    pub const fn event_name(&self) -> &'static str {
        self.event
    }

    /// Returns the line that published the event that the handler was handling.
    #[must_use]
    pub const fn published_at(&self) -> &'static Location<'static> {
        self.published_at
    }

    pub(crate) fn is_same_step(&self, other: &Self) -> bool {
        self.handler == other.handler && self.event == other.event
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            handler,
            event,
            published_at,
        } = self;
        write!(
            formatter,
            "{handler} on `{event}`, published at {published_at}"
        )
    }
}

impl fmt::Debug for Cause {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Cause({self})")
    }
}
