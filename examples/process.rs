//! A process as a chain of events: each step is a handler that returns the next event.
//!
//! `cargo run --example process` places three orders and prints the outcome of each.

use std::error::Error;

use eventful::observe::{HandlerEnd, HandlerOutcome, Observer};
use eventful::{AnyEvent, Delivery, Either, event, family, handler};

/// The events that the audit writes down: a family.
#[family]
trait Auditable {
    fn line(&self) -> String;
}

#[event(as(dyn Auditable), handlers = 1..)]
struct OrderCreated {
    order: u32,
    items: u32,
    cents: u32,
}

#[event(as(dyn Auditable))]
struct StockReserved {
    order: u32,
    cents: u32,
}

#[event(as(dyn Auditable))]
struct StockShort {
    order: u32,
    missing: u32,
}

#[event(as(dyn Auditable))]
struct OrderPaid {
    order: u32,
}

impl Auditable for OrderCreated {
    fn line(&self) -> String {
        format!("order {}: {} items", self.order, self.items)
    }
}

impl Auditable for StockReserved {
    fn line(&self) -> String {
        format!("order {}: reserved", self.order)
    }
}

impl Auditable for StockShort {
    fn line(&self) -> String {
        format!("order {}: {} items are missing", self.order, self.missing)
    }
}

impl Auditable for OrderPaid {
    fn line(&self) -> String {
        format!("order {}: paid", self.order)
    }
}

const IN_STOCK: u32 = 10;

/// Returns one event or the other.
#[handler(OrderCreated)]
fn reserve(event: &OrderCreated) -> Either<StockReserved, StockShort> {
    let &OrderCreated {
        order,
        items,
        cents,
    } = event;
    match items.checked_sub(IN_STOCK + 1) {
        None => Either::Left(StockReserved { order, cents }),
        Some(more) => {
            let missing = more + 1;
            Either::Right(StockShort { order, missing })
        }
    }
}

#[handler(StockReserved)]
fn charge(event: &StockReserved) -> Result<OrderPaid, String> {
    if event.cents > 100_000 {
        return Err(format!("{} cents are beyond the card's limit", event.cents));
    }
    Ok(OrderPaid { order: event.order })
}

/// Calls the customer of a large order.
#[handler(OrderCreated, when = |event| event.cents >= 50_000)]
fn call_customer(event: &OrderCreated) {
    println!("  call the customer of order {}", event.order);
}

#[handler(dyn Auditable, order = -1)]
fn audit(event: &dyn Auditable, delivery: &Delivery) {
    let cause = delivery.cause().map_or_else(String::new, |cause| {
        format!(", returned by {}", cause.handler().id())
    });
    println!("  audit: {}{cause}", event.line());
}

/// Prints failures; `TracingSpans` and `Metrics` are observers, too.
struct Failures;

impl Observer for Failures {
    fn handler_finished(&self, _: &Delivery, end: &HandlerEnd<'_>) {
        if let HandlerOutcome::Failed(failure) = end.outcome() {
            println!("  {} failed: {}", failure.handler().id(), failure.message());
        }
    }
}

#[handler(dyn AnyEvent, order = 1000)]
fn count(event: &dyn AnyEvent) {
    println!("  counted: {}", event.event_name());
}

fn main() -> Result<(), Box<dyn Error>> {
    let bus = eventful::bus!().observe(Failures).build()?;
    for (order, items, cents) in [(1, 3, 7_900), (2, 14, 30_000), (3, 9, 150_000)] {
        println!("order {order}:");
        // The event waits for the commit.
        let mut pending = bus.pending();
        pending.push(OrderCreated {
            order,
            items,
            cents,
        });
        // … the order is saved, and committed …
        match pending.publish() {
            Ok(delivered) => println!("  events that followed: {}", delivered[0].cascaded()),
            Err(error) => println!("  {error}"),
        }
    }
    Ok(())
}
