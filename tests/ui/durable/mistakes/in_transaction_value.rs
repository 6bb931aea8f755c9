use eventful::{event, handler};
use serde::{Deserialize, Serialize};

#[event(durable, name = "order.placed")]
#[derive(Serialize, Deserialize)]
struct OrderPlaced {
    order_id: u64,
}

#[handler(OrderPlaced, in_transaction = true)]
fn confirm(_: &OrderPlaced) {}

fn main() {}
