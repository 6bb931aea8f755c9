//! A type whose methods are handlers: `cargo run --example methods`.

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

// The state that several handlers share has a name, and is private to them.
#[derive(Default)]
struct Ledger {
    open: Mutex<Vec<(u64, u64)>>,
}

#[handlers]
impl Ledger {
    // `&self` is the `Ledger` that the builder provides.
    #[handler(OrderCreated)]
    fn open(&self, event: &OrderCreated) {
        self.change(|open| open.push((event.order_id, event.cents)));
        println!("  ledger: order {} is open", event.order_id);
    }

    // A method may have everything that a free handler may: another event, a further resource, an error.
    #[handler(OrderCancelled)]
    fn cancel(&self, event: &OrderCancelled, policy: &Policy) -> Result<(), String> {
        if policy.keeps(event.order_id) {
            return Err(format!("order {} cannot be cancelled", event.order_id));
        }
        self.change(|open| open.retain(|&(order_id, _)| order_id != event.order_id));
        println!("  ledger: order {} is gone", event.order_id);
        Ok(())
    }

    // A method without the attribute is no handler.
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

// Free functions and methods can name each other.
#[handler(OrderCreated, after = Ledger::open)]
fn notify(event: &OrderCreated, ledger: &Ledger) {
    println!(
        "  mail: thank you for order {}; {} cents are open",
        event.order_id,
        ledger.total()
    );
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    // The program keeps the ledger, too; for the handlers alone, `provide(Ledger::default())` is enough.
    let ledger = Arc::new(Ledger::default());
    let bus = eventful::bus!()
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

    // A test names a method as it calls it.
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
