//! The report of a delivery, and the result of a publish that is put together of such.

use std::mem;
use std::panic::Location;

use super::{Delivered, Failure, OneOrMany, PublishError, Refusal, ReturnedEvents, ReturnedHead};
use crate::handler::HandlerInfo;
use crate::raw::{Kept, Merge, ThinBox};

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
    pub(crate) returned: ReturnedEvents,
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
            returned: ReturnedEvents::default(),
        }
    }

    /// The report of a delivery whose handlers have only returned events.
    pub(crate) fn of_returned(returned: ThinBox<ReturnedHead>, skipped: u32) -> Box<Self> {
        let cause = returned.head().cause();
        let (event, published_at) = (cause.event_name(), cause.published_at());
        let mut report = Self::new(event, published_at, skipped, OneOrMany::None);
        report.returned = returned.into();
        Box::new(report)
    }

    pub(crate) fn skipped(&self) -> u32 {
        self.skipped
    }

    /// Takes out the events that `handler`, which has failed, returned before it did.
    pub(crate) fn forget_returned_by(&mut self, handler: &HandlerInfo) -> ReturnedEvents {
        self.returned
            .extract(|returned| returned.lineage().cause().handler() == handler)
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

impl DeliveryReport {
    fn followed_by(mut self: Box<Self>, other: Self) -> Box<Self> {
        self.skipped += other.skipped;
        self.failures.extend(other.failures);
        self.returned.append(other.returned);
        self
    }
}

impl Merge<ReturnedHead> for DeliveryReport {
    fn merge(
        first: Kept<ReturnedHead, Self>,
        second: Kept<ReturnedHead, Self>,
    ) -> Kept<ReturnedHead, Self> {
        match (first, second) {
            (Kept::Count(0), other) | (other, Kept::Count(0)) => other,
            (Kept::Count(first), Kept::Count(second)) => Kept::Count(first.saturating_add(second)),
            (Kept::Thin(first), Kept::Thin(second)) => {
                let mut returned = ReturnedEvents::from(first);
                returned.append(second.into());
                returned.into_kept()
            }
            (Kept::Count(count), Kept::Thin(returned))
            | (Kept::Thin(returned), Kept::Count(count)) => {
                Kept::Box(Self::of_returned(returned, count))
            }
            (Kept::Count(count), Kept::Box(mut report))
            | (Kept::Box(mut report), Kept::Count(count)) => {
                report.skipped += count;
                Kept::Box(report)
            }
            (Kept::Thin(returned), Kept::Box(report)) => {
                Kept::Box(Self::of_returned(returned, 0).followed_by(*report))
            }
            (Kept::Box(mut report), Kept::Thin(returned)) => {
                report.returned.append(returned.into());
                Kept::Box(report)
            }
            (Kept::Box(first), Kept::Box(second)) => Kept::Box(first.followed_by(*second)),
        }
    }
}

/// The result of a delivery whose handlers have run, and the events that they have returned.
pub(crate) struct Settled {
    pub(crate) result: Result<Delivered, PublishError>,
    pub(crate) returned: ReturnedEvents,
}

impl From<Result<Delivered, PublishError>> for Settled {
    #[inline]
    fn from(result: Result<Delivered, PublishError>) -> Self {
        Self {
            result,
            returned: ReturnedEvents::default(),
        }
    }
}
