//! The loops: one event, its handlers one after the other, and what became of each.

mod flying;
mod observed;

pub(crate) use self::flying::{AimedFlight, DeliveryFlight, FlightTable, Flying};
pub(crate) use self::observed::run_observed;
use std::mem;

use crate::delivery::Delivery;
use crate::handler::HandlerInfo;
use crate::raw::{self, Kept};
use crate::report::{Aftermath, Delivered, PublishError};

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

/// What came of a delivery to `count` handlers, of which `not_run` did not run; an error if one has failed or has returned an event.
pub(crate) fn finish(
    count: usize,
    not_run: usize,
    delivery: &Delivery,
) -> Result<Delivered, Box<Aftermath>> {
    let mut aftermath = match delivery.take_aftermath() {
        Kept::Count(skipped) => return Ok(Delivered::to(count - not_run).skipping(skipped)),
        Kept::Box(aftermath) => aftermath,
    };
    aftermath.deliver_to(count, not_run);
    if delivery.is_fail_fast() && !aftermath.failures.is_empty() {
        // A veto: what was returned before it does not happen.
        drop(mem::take(&mut aftermath.returned));
    }
    Err(aftermath)
}

/// The same, where the delivery keeps the events that its handlers have returned.
pub(crate) fn finish_handlers(
    count: usize,
    not_run: usize,
    delivery: &Delivery,
) -> Result<Delivered, PublishError> {
    if delivery.is_plain() {
        return Ok(Delivered::to(count - not_run));
    }
    finish(count, not_run, delivery).or_else(|mut aftermath| {
        delivery.keep_again(mem::take(&mut aftermath.returned));
        aftermath.into_result()
    })
}
