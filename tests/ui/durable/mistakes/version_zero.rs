use eventful::event;
use serde::{Deserialize, Serialize};

#[event(durable, name = "order.placed", version = 0)]
#[derive(Serialize, Deserialize)]
struct OrderPlaced {
    order_id: u64,
}

fn main() {}
