use eventful::event;
use serde::{Deserialize, Serialize};

#[event(durable, concurrent, name = "order.placed")]
#[derive(Serialize, Deserialize)]
struct OrderPlaced {
    order_id: u64,
}

fn main() {}
