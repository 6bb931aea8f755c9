//! The results and errors of publishing, building and installing.

mod cause;
mod delivery_report;
mod failure;
mod one_or_many;
mod publish_error;
mod refusal;
mod returned_event;
mod wiring_error;

use std::fmt;

pub use self::cause::Cause;
pub(crate) use self::delivery_report::{DeliveryReport, Settled};
pub(crate) use self::failure::BoxError;
pub use self::failure::{Failure, HandlerResult, RawFailure};
pub(crate) use self::one_or_many::OneOrMany;
pub use self::publish_error::PublishError;
pub use self::refusal::Refusal;
pub(crate) use self::returned_event::{Lineage, ReturnedEvent, ReturnedEvents, ReturnedHead};
pub use self::wiring_error::{WiringError, WiringFault};

/// The number of handlers that a publish reached: a summary that costs nothing to make.
///
/// # Examples
///
/// ```
/// use eventful::{Bus, event, handler};
///
/// #[event]
/// struct OrderCreated {
///     total: u32,
/// }
///
/// #[handler(OrderCreated)]
/// fn update_cache(_: &OrderCreated) {}
///
/// #[handler(OrderCreated, when = |event| event.total > 100)]
/// fn thank(_: &OrderCreated) {}
///
/// let bus = Bus::isolated().with(update_cache).with(thank).build()?;
/// let delivered = bus.publish(&OrderCreated { total: 20 })?;
/// assert_eq!((delivered.handled(), delivered.skipped()), (1, 1));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
// It is one word, so that the result of a publish comes back in registers. The lowest 20 bits count handled ones, the
// next 20 skipped ones, and the highest 24 cascaded ones.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub struct Delivered(u64);

impl Delivered {
    const HANDLER_BITS: u32 = 20;
    const CASCADED: u32 = 2 * Self::HANDLER_BITS;

    /// The most handlers that an event may have.
    pub(crate) const MOST_HANDLERS: u32 = (1 << Self::HANDLER_BITS) - 1;

    const MOST_CASCADED: u32 = (1 << (u64::BITS - Self::CASCADED)) - 1;

    /// To as many handlers, which are no more than an event may have.
    #[inline]
    pub(crate) const fn to(handled: usize) -> Self {
        Self(handled as u64)
    }

    /// Takes off the handlers that a guard kept from running.
    pub(crate) fn skipping(self, skipped: u32) -> Self {
        let skipped = u64::from(skipped);
        Self(self.0 - skipped + (skipped << Self::HANDLER_BITS))
    }

    /// With as many events that handlers returned, where there were none.
    pub(crate) fn cascading(self, cascaded: u32) -> Self {
        let cascaded = cascaded.min(Self::MOST_CASCADED);
        Self(self.0 | u64::from(cascaded) << Self::CASCADED)
    }

    /// Returns how many handlers of this event ran, failed ones included. Skipped ones and those of returned events do
    /// not count.
    #[must_use]
    pub const fn handled(self) -> usize {
        self.number(0, Self::MOST_HANDLERS)
    }

    /// Returns how many handlers of this event did not run because of their guard, which said no or panicked.
    #[must_use]
    pub const fn skipped(self) -> usize {
        self.number(Self::HANDLER_BITS, Self::MOST_HANDLERS)
    }

    /// Returns how many events that handlers returned were published in the course of this publish. The count ends at
    /// 16,777,215.
    #[must_use]
    pub const fn cascaded(self) -> usize {
        self.number(Self::CASCADED, Self::MOST_CASCADED)
    }

    #[expect(
        clippy::cast_possible_truncation,
        reason = "`most` has no more than 24 bits"
    )]
    const fn number(self, lowest_bit: u32, most: u32) -> usize {
        ((self.0 >> lowest_bit) & most as u64) as usize
    }
}

impl fmt::Debug for Delivered {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Delivered")
            .field("handled", &self.handled())
            .field("skipped", &self.skipped())
            .field("cascaded", &self.cascaded())
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::Delivered;

    #[test]
    fn the_numbers_keep_apart() {
        let most = Delivered::MOST_HANDLERS as usize;
        let skipped = Delivered::to(most).skipping(3);
        assert_eq!(
            (skipped.handled(), skipped.skipped(), skipped.cascaded()),
            (most - 3, 3, 0)
        );
        let all = Delivered::to(7).skipping(7).cascading(u32::MAX);
        assert_eq!(
            (all.handled(), all.skipped(), all.cascaded()),
            (0, 7, 16_777_215)
        );
        assert_eq!(
            format!("{:?}", Delivered::to(2).skipping(1).cascading(3)),
            "Delivered { handled: 1, skipped: 1, cascaded: 3 }"
        );
    }
}
