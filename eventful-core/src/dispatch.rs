//! The loops: one event, its handlers one after the other, and what became of each.

mod flying;
mod observed;

pub(crate) use self::flying::{FlightTable, Flying};
pub(crate) use self::observed::run_observed;
use crate::delivery::Delivery;
use crate::handler::HandlerInfo;
use crate::log;
use crate::raw;
use crate::report::{Delivered, Failure, HandlerResult, PublishError, RawFailure, Report};

/// The handlers of one event on one bus.
pub(crate) enum EventTable {
    /// All of them are synchronous.
    Now(Table),
    /// Some are not.
    Later(FlightTable),
}

impl EventTable {
    pub(crate) fn infos(&self) -> &[HandlerInfo] {
        match self {
            Self::Now(table) => table.infos(),
            Self::Later(table) => table.infos(),
        }
    }
}

/// The handlers of one event on one bus, in order.
pub(crate) type Table = raw::Table<HandlerInfo, Delivery, HandlerResult>;
pub(crate) type AimedTable<'a> = raw::Aimed<'a, HandlerInfo, Delivery, HandlerResult>;
type Calls<'a> = raw::Calls<'a, HandlerInfo, Delivery, HandlerResult>;

/// Calls every handler of a table with the event it is aimed with.
///
/// Nothing is counted, formatted or allocated until a handler fails. Handlers that a guard keeps from running are still in
/// the result: whoever looks at [`Delivery::is_plain`] takes them off.
#[expect(
    clippy::inline_always,
    reason = "16 instructions of a publish of four handlers are the call; the other caller is cold and calls it once"
)]
#[inline(always)]
pub(crate) fn run(aimed: AimedTable<'_>, delivery: &Delivery) -> Result<Delivered, PublishError> {
    let table = aimed.table();
    let mut calls = aimed.calls(delivery);
    while let Some(result) = calls.run_next() {
        if let Err(failure) = result {
            return run_rest_after(failure, table, calls, delivery);
        }
    }
    Ok(Delivered::to(table.infos().len()))
}

/// The rest of the loop once a handler has failed: the others run (unless the event says `fail_fast`), and every failure
/// is logged and collected.
#[cold]
#[expect(clippy::boxed_local, reason = "the loop does not open the box")]
fn run_rest_after(
    first: Box<RawFailure>,
    table: &Table,
    mut calls: Calls<'_>,
    delivery: &Delivery,
) -> Result<Delivered, PublishError> {
    let mut failures = vec![report(*first, *delivery.handler(), delivery)];
    if !delivery.is_fail_fast() {
        while let Some(result) = calls.run_next() {
            if let Err(failure) = result {
                failures.push(report(*failure, *delivery.handler(), delivery));
            }
        }
    }
    finish(table.infos().len(), calls.remaining(), failures, delivery)
}

/// The result of a delivery to `count` handlers of which `not_run` did not run.
fn finish(
    count: usize,
    not_run: usize,
    failures: Vec<Failure>,
    delivery: &Delivery,
) -> Result<Delivered, PublishError> {
    if delivery.is_fail_fast() && !failures.is_empty() {
        // A veto: what was returned before it does not happen.
        drop(delivery.take_returned());
    }
    let report = Report::new(Delivered::to(count - not_run), failures, not_run);
    report.into_result(delivery.event(), delivery.published_at())
}

/// The result of [`run`] without the handlers that a guard kept from running.
pub(crate) fn less_skipped(
    result: Result<Delivered, PublishError>,
    delivery: &Delivery,
) -> Result<Delivered, PublishError> {
    let mut report = Report::of(result);
    report.delivered = report.delivered.skipping(delivery.skipped());
    report.into_result(delivery.event(), delivery.published_at())
}

/// Says whose failure it is, and logs it at once: a later handler may end the process. What the handler has returned before
/// it failed is forgotten.
fn report(failure: RawFailure, handler: HandlerInfo, delivery: &Delivery) -> Failure {
    delivery.forget_returned_by(&handler);
    let failure = Failure::new(
        handler,
        delivery.event(),
        delivery.published_at(),
        delivery.causes(),
        failure,
    );
    log::failure(&failure);
    failure
}
