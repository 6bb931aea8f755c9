use eventful::event;
use serde::{Deserialize, Serialize};

#[event(durable)]
#[derive(Serialize, Deserialize)]
struct OrderPlaced {
    order_id: u64,
}

fn main() {}
