use eventful::event;
use serde::{Deserialize, Serialize};

#[event(durable, name = "order.placed", key = lines)]
#[derive(Serialize, Deserialize)]
struct OrderPlaced {
    lines: Vec<u64>,
}

fn main() {}
