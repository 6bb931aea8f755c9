use eventful::event;
use serde::{Deserialize, Serialize};

#[event(durable, async, concurrent, fail_fast, name = "order.placed")]
#[derive(Serialize, Deserialize)]
struct OrderPlaced {
    order_id: u64,
}

fn main() {}
