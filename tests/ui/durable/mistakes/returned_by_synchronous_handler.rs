use eventful::{event, handler};
use serde::{Deserialize, Serialize};

#[event(durable, name = "order.placed")]
#[derive(Serialize, Deserialize)]
struct OrderPlaced {
    order_id: u64,
}

#[event]
struct OrderCounted;

#[handler(OrderCounted)]
fn place(_: &OrderCounted) -> OrderPlaced {
    OrderPlaced { order_id: 1 }
}

fn main() {}
