use eventful::{event, handler, on_dead};
use serde::{Deserialize, Serialize};

#[event(durable, name = "order.placed")]
#[derive(Serialize, Deserialize)]
struct OrderPlaced {
    order_id: u64,
}

#[handler(OrderPlaced, id = "mail.confirm")]
fn confirm(_: &OrderPlaced) {}

#[on_dead(confirm)]
fn tell(_: &OrderPlaced) {}

fn main() {}
