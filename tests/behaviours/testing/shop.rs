//! A shop with events, handlers and a bus, for the tests of the kit.

use eventful::testing::Recorder;
use eventful::{BusBuilder, PublishError, event, handler};

use crate::Trace;

#[event(name = "order.created")]
#[derive(Clone, Debug, PartialEq)]
pub(super) struct OrderCreated {
    pub(super) id: u64,
    pub(super) items: Vec<&'static str>,
}

#[event(name = "stock.reserved")]
#[derive(Clone, Debug, PartialEq)]
pub(super) struct StockReserved {
    pub(super) id: u64,
}

/// A veto stops it.
#[event(name = "order.paid", fail_fast)]
#[derive(Clone, Debug, PartialEq)]
pub(super) struct OrderPaid {
    pub(super) amount: u64,
}

#[event(async, name = "order.shipped")]
#[derive(Clone, Debug, PartialEq)]
pub(super) struct OrderShipped {
    pub(super) id: u64,
}

#[handler(OrderCreated)]
pub(super) fn reserve(event: &OrderCreated, trace: &Trace) -> Result<(), PublishError> {
    trace.add(format!("reserve {}", event.id));
    StockReserved { id: event.id }.publish().map(drop)
}

#[handler(StockReserved, order = 5, id = "warehouse.stock")]
pub(super) fn stock(event: &StockReserved, trace: &Trace) {
    trace.add(format!("stock {}", event.id));
}

#[handler(OrderPaid, order = -1)]
pub(super) fn check(event: &OrderPaid, trace: &Trace) -> Result<(), String> {
    trace.add(format!("check {}", event.amount));
    if event.amount == 0 {
        return Err("nothing is paid".to_owned());
    }
    Ok(())
}

#[handler(OrderPaid)]
pub(super) fn book(event: &OrderPaid, trace: &Trace) {
    trace.add(format!("book {}", event.amount));
}

#[handler(OrderShipped)]
pub(super) async fn notify(event: &OrderShipped, trace: &Trace) {
    trace.add(format!("notify {}", event.id));
}

pub(super) fn created(id: u64) -> OrderCreated {
    OrderCreated {
        id,
        items: vec!["tea"],
    }
}

/// All of them, on a bus in the making.
pub(super) fn shop() -> (Trace, BusBuilder) {
    let (trace, builder) = Trace::with_bus();
    let builder = builder
        .with(reserve)
        .with(stock)
        .with(check)
        .with(book)
        .with(notify);
    (trace, builder)
}

/// Adds a line for each event: its own, not the recorder's `Debug`.
pub(super) fn add_record(trace: &Trace, recorder: &Recorder) {
    trace.add(format!("recorded: {}", recorder.names().join(", ")));
}
