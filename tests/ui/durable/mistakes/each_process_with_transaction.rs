use eventful::{event, handler};
use serde::{Deserialize, Serialize};

#[event(durable, name = "order.placed")]
#[derive(Serialize, Deserialize)]
struct OrderPlaced {
    order_id: u64,
}

#[handler(OrderPlaced, id = "mail.confirm", each = "process")]
fn confirm(_: &OrderPlaced, _: &mut String) {}

fn main() {}
