use eventful::{event, handler};
use serde::{Deserialize, Serialize};

#[event(durable, name = "order.placed")]
#[derive(Serialize, Deserialize)]
struct OrderPlaced {
    order_id: u64,
}

#[event(durable, name = "order.shipped")]
#[derive(Serialize, Deserialize)]
struct OrderShipped {
    order_id: u64,
}

#[handler(OrderPlaced, OrderShipped)]
fn log<E>(_: &E) {}

fn main() {}
