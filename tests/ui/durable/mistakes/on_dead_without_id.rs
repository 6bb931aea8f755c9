use eventful::{event, on_dead};
use serde::{Deserialize, Serialize};

#[event(durable, name = "order.placed")]
#[derive(Serialize, Deserialize)]
struct OrderPlaced {
    order_id: u64,
}

#[on_dead]
fn tell(_: &OrderPlaced) {}

fn main() {}
