use eventful::{Bus, event};
use serde::{Deserialize, Serialize};

#[event(durable, name = "order.placed")]
#[derive(Serialize, Deserialize)]
struct OrderPlaced {
    order_id: u64,
}

fn place(bus: &Bus, event: &OrderPlaced, transaction: &mut u8) {
    let _ = bus.publish_with(event, transaction);
}

fn main() {}
