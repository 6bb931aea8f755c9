//! A type whose methods are handlers, and what it is for: `cargo run --example methods`.

use std::sync::{Arc, Mutex, PoisonError};

use eventful::{Bus, event, handler, handlers};

#[event]
struct OrderCreated {
    order_id: u64,
    cents: u64,
}

#[event]
struct OrderCancelled {
    order_id: u64,
}

// What several handlers work on has a name, and what it keeps is nobody else's business.
#[derive(Default)]
struct Ledger {
    open: Mutex<Vec<(u64, u64)>>,
}

#[handlers]
impl Ledger {
    // `&self` is the `Ledger` that the bus was given.
    #[handler(OrderCreated)]
    fn open(&self, event: &OrderCreated) {
        self.change(|open| open.push((event.order_id, event.cents)));
        println!("  ledger: order {} is open", event.order_id);
    }

    // Another event, a further resource and an error: all that a free handler may have.
    #[handler(OrderCancelled)]
    fn cancel(&self, event: &OrderCancelled, policy: &Policy) -> Result<(), String> {
        if policy.keeps(event.order_id) {
            return Err(format!("order {} cannot be cancelled", event.order_id));
        }
        self.change(|open| open.retain(|&(order_id, _)| order_id != event.order_id));
        println!("  ledger: order {} is gone", event.order_id);
        Ok(())
    }

    // Without the attribute, it is a method like any other.
    fn total(&self) -> u64 {
        self.change(|open| open.iter().map(|&(_, cents)| cents).sum())
    }

    fn change<T>(&self, change: impl FnOnce(&mut Vec<(u64, u64)>) -> T) -> T {
        change(&mut self.open.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

struct Policy {
    last_order_packed: u64,
}

impl Policy {
    fn keeps(&self, order_id: u64) -> bool {
        order_id <= self.last_order_packed
    }
}

// Free functions and methods name each other.
#[handler(OrderCreated, after = Ledger::open)]
fn notify(event: &OrderCreated, ledger: &Ledger) {
    println!(
        "  mail: thank you for order {}; {} cents are open",
        event.order_id,
        ledger.total()
    );
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    // Shared with the rest of the program; `provide(Ledger::default())` would do for the handlers alone.
    let ledger = Arc::new(Ledger::default());
    let bus = Bus::builder()
        .provide_arc(Arc::clone(&ledger))
        .provide(Policy {
            last_order_packed: 1,
        })
        .build()?;

    println!("two orders:");
    for (order_id, cents) in [(1, 950), (2, 1200)] {
        bus.publish(&OrderCreated { order_id, cents })?;
    }

    println!("both are cancelled:");
    for order_id in [1, 2] {
        if let Err(error) = bus.publish(&OrderCancelled { order_id }) {
            for failure in error.failures() {
                println!("  {}: {}", failure.handler().id(), failure.message());
            }
        }
    }
    println!("open in the end: {} cents", ledger.total());

    // In a test, a method is named as it is called.
    let alone = Bus::isolated()
        .with(Ledger::open)
        .provide(Ledger::default())
        .build()?;
    println!("a bus with one handler:");
    alone.publish(&OrderCreated {
        order_id: 3,
        cents: 700,
    })?;
    Ok(())
}
