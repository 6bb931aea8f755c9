use eventful::event;
use serde::{Deserialize, Serialize};

#[event(durable = true, name = "order.placed")]
#[derive(Serialize, Deserialize)]
struct OrderPlaced {
    order_id: u64,
}

fn main() {}
