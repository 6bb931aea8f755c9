//! The report of a delivery, and the result of a publish that is put together of such.

use std::mem;
use std::panic::Location;

use super::{Delivered, Failure, OneOrMany, PublishError, Refusal, ReturnedEvent};
use crate::handler::HandlerInfo;
use crate::raw::Counting;

/// The failures of a delivery, and the events that its handlers returned. It becomes the contents of the error.
pub(crate) struct DeliveryReport {
    pub(super) event: &'static str,
    pub(super) published_at: &'static Location<'static>,
    pub(crate) delivered: Delivered,
    /// Handlers that a guard kept from running, and that `delivered` does not know yet.
    skipped: u32,
    pub(crate) failures: OneOrMany<Failure>,
    /// The number of failures, the last ones, that are those of events that handlers returned.
    pub(super) cascaded_failures: usize,
    /// The number of handlers that an event with `fail_fast` did not reach.
    pub(super) not_run: usize,
    pub(crate) refusal: Option<Refusal>,
    /// Events that handlers have returned and nobody has published yet.
    pub(crate) returned: OneOrMany<ReturnedEvent>,
}

impl DeliveryReport {
    #[expect(
        clippy::inline_always,
        reason = "it is large, and written to its place only if it is inlined"
    )]
    #[inline(always)]
    pub(crate) fn new(
        event: &'static str,
        published_at: &'static Location<'static>,
        skipped: u32,
        failures: OneOrMany<Failure>,
    ) -> Self {
        Self {
            event,
            published_at,
            delivered: Delivered::default(),
            skipped,
            failures,
            cascaded_failures: 0,
            not_run: 0,
            refusal: None,
            returned: OneOrMany::None,
        }
    }

    pub(crate) fn skipped(&self) -> u32 {
        self.skipped
    }

    /// Takes out the events that `handler`, which has failed, returned before it did.
    pub(crate) fn forget_returned_by(&mut self, handler: &HandlerInfo) -> OneOrMany<ReturnedEvent> {
        if self.returned.is_empty() {
            return OneOrMany::None;
        }
        let returned = mem::take(&mut self.returned).into_iter();
        let (forgotten, kept) =
            returned.partition(|returned| returned.lineage().cause().handler() == handler);
        self.returned = kept;
        forgotten
    }

    /// Adds the error of an event that a handler returned.
    pub(crate) fn add_cascaded(&mut self, error: PublishError) {
        let report = *error.into_report();
        self.cascaded_failures += report.failures.as_slice().len();
        self.failures.extend(report.failures);
        if self.refusal.is_none() {
            self.refusal = report.refusal;
        }
    }

    /// Ends a delivery to `count` handlers, of which `not_run` did not run.
    #[inline]
    pub(crate) fn settle(
        mut self: Box<Self>,
        count: usize,
        not_run: usize,
        is_fail_fast: bool,
    ) -> Settled {
        let returned = mem::take(&mut self.returned);
        let result = self.into_result(count, not_run);
        if is_fail_fast && result.is_err() {
            // A veto: what was returned before it does not happen.
            drop(returned);
            return result.into();
        }
        Settled { result, returned }
    }

    /// The result of a delivery of which no returned event is left.
    #[inline]
    pub(crate) fn into_result(
        mut self: Box<Self>,
        count: usize,
        not_run: usize,
    ) -> Result<Delivered, PublishError> {
        let skipped = mem::take(&mut self.skipped);
        self.delivered = Delivered::to(count - not_run).skipping(skipped);
        self.not_run = not_run;
        if self.failures.is_empty() {
            return Ok(self.delivered);
        }
        Err(PublishError::new(self))
    }
}

impl Counting for DeliveryReport {
    fn add_to_count(&mut self, more: u32) {
        self.skipped += more;
    }

    fn absorb(&mut self, other: Self) {
        self.skipped += other.skipped;
        self.failures.extend(other.failures);
        self.returned.extend(other.returned);
    }
}

/// The result of a delivery whose handlers have run, and the events that they have returned.
pub(crate) struct Settled {
    pub(crate) result: Result<Delivered, PublishError>,
    pub(crate) returned: OneOrMany<ReturnedEvent>,
}

impl From<Result<Delivered, PublishError>> for Settled {
    #[inline]
    fn from(result: Result<Delivered, PublishError>) -> Self {
        Self {
            result,
            returned: OneOrMany::None,
        }
    }
}
