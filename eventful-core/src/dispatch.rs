//! The loops: one event, its handlers one after the other, and what became of each.

mod flying;
mod observed;

pub(crate) use self::flying::{FlightTable, Flying};
pub(crate) use self::observed::run_observed;
use crate::delivery::Delivery;
use crate::handler::HandlerInfo;
use crate::raw;
use crate::report::{Delivered, Failures, PublishError, Report};

/// The handlers of one event on one bus; `H` is what the bus adds to the synchronous ones.
pub(crate) enum EventTable<H> {
    /// All of them are synchronous.
    Now(Table<H>),
    /// Some are not.
    Later(FlightTable),
}

impl<H> EventTable<H> {
    pub(crate) fn infos(&self) -> &[HandlerInfo] {
        match self {
            Self::Now(table) => table.infos(),
            Self::Later(table) => table.infos(),
        }
    }
}

/// The handlers of one event on one bus, in order.
pub(crate) type Table<H> = raw::Table<H, HandlerInfo, Delivery>;
pub(crate) type Aim<'a, H> = raw::Aim<'a, H, HandlerInfo, Delivery>;
pub(crate) type AimedTable<'a, H> = raw::Aimed<'a, H, HandlerInfo, Delivery>;

/// Calls every handler of a table with the event it is aimed at: how many they are.
///
/// Nothing is counted, formatted or allocated until a handler fails. What comes of them beside success, the delivery knows.
#[inline]
pub(crate) fn run<H>(aimed: AimedTable<'_, H>, delivery: &Delivery) -> usize {
    aimed.run(delivery)
}

/// As [`run`], up to the first handler that fails: how many did not run.
pub(crate) fn run_fail_fast<H>(aimed: AimedTable<'_, H>, delivery: &Delivery) -> usize {
    let mut calls = aimed.calls(delivery);
    while !delivery.has_failed() && calls.run_next() {}
    calls.remaining()
}

/// The result of a delivery to `count` handlers of which `not_run` did not run.
pub(crate) fn finish(
    count: usize,
    not_run: usize,
    failures: Failures,
    delivery: &Delivery,
) -> Result<Delivered, PublishError> {
    if delivery.is_fail_fast() && !failures.is_empty() {
        // A veto: what was returned before it does not happen.
        drop(delivery.take_returned());
    }
    let delivered = Delivered::to(count - not_run).skipping(delivery.skipped());
    let report = Report::new(delivered, failures, not_run);
    report.into_result(delivery.event(), delivery.published_at())
}
