//! The loops: one event, its handlers one after the other, and what became of each.

mod flying;

pub(crate) use self::flying::{FlightTable, Flying};
use crate::delivery::Delivery;
use crate::event::EventRef;
use crate::handler::HandlerInfo;
use crate::log;
use crate::raw;
use crate::report::{Delivered, Failure, HandlerResult, PublishError, RawFailure};

/// The handlers of one event on one bus, in order.
pub(crate) type Table = raw::Table<HandlerInfo, Delivery, HandlerResult>;
type Calls<'a> = raw::Calls<'a, HandlerInfo, Delivery, HandlerResult>;

/// Calls every handler of `table` with `event`.
///
/// Nothing is counted, formatted or allocated until a handler fails.
#[expect(
    clippy::inline_always,
    reason = "one caller, a hot one: 16 instructions of a publish of four handlers are the call"
)]
#[inline(always)]
pub(crate) fn run(
    table: &Table,
    event: &EventRef<'_>,
    delivery: &Delivery,
) -> Result<Delivered, PublishError> {
    let mut calls = table.calls(event.value(), delivery);
    while let Some(result) = calls.run_next() {
        if let Err(failure) = result {
            return run_rest_after(*failure, table, calls, event, delivery);
        }
    }
    Ok(Delivered::to(table.infos().len()))
}

/// The rest of the loop once a handler has failed: the others run (unless the event says `fail_fast`), and every failure
/// is logged and collected.
#[cold]
fn run_rest_after(
    first: RawFailure,
    table: &Table,
    mut calls: Calls<'_>,
    event: &EventRef<'_>,
    delivery: &Delivery,
) -> Result<Delivered, PublishError> {
    let mut failures = vec![report(first, *delivery.handler(), delivery)];
    if !event.info().is_fail_fast() {
        while let Some(result) = calls.run_next() {
            if let Err(failure) = result {
                failures.push(report(*failure, *delivery.handler(), delivery));
            }
        }
    }
    let not_run = calls.remaining();
    let delivered = Delivered::to(table.infos().len() - not_run);
    Err(PublishError::failed(
        delivery.event(),
        delivery.published_at(),
        delivered,
        not_run,
        failures,
    ))
}

/// Says whose failure it is, and logs it at once: a later handler may end the process.
fn report(failure: RawFailure, handler: HandlerInfo, delivery: &Delivery) -> Failure {
    let failure = Failure::new(handler, delivery.event(), delivery.published_at(), failure);
    log::failure(&failure);
    failure
}
