use eventful::{event, handler};
use serde::{Deserialize, Serialize};

#[event(durable, name = "order.placed")]
#[derive(Serialize, Deserialize)]
struct OrderPlaced {
    order_id: u64,
}

#[event]
struct OrderCounted;

#[handler(OrderCounted, OrderPlaced, id = "log")]
fn log<E>(_: &E) {}

fn main() {}
