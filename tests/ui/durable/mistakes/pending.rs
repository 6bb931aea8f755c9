use eventful::{Bus, event};
use serde::{Deserialize, Serialize};

#[event(durable, name = "order.placed")]
#[derive(Serialize, Deserialize)]
struct OrderPlaced {
    order_id: u64,
}

fn place(bus: &Bus, event: OrderPlaced) {
    let mut pending = bus.pending();
    pending.push(event);
}

fn main() {}
