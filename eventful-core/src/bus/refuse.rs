//! Publishes that are refused, which is logged.

use std::panic::Location;

use crate::delivery::Delivery;
use crate::log;
use crate::report::{PublishError, Refusal};

#[cold]
pub(super) fn refuse(
    event: &'static str,
    published_at: &'static Location<'static>,
    refusal: Refusal,
) -> PublishError {
    let error = PublishError::refused(event, published_at, refusal);
    log::refusal(&error);
    error
}

/// Refuses a publish by a handler that is nested too deep.
#[cold]
pub(super) fn nesting(delivery: &Delivery) -> PublishError {
    let limit = delivery.bus().0.limits.nesting;
    let refusal = Refusal::nesting_limit(limit, delivery.causes());
    refuse(delivery.event_name(), delivery.published_at(), refusal)
}
