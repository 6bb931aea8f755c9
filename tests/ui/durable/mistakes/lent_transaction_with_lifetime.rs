use eventful::{event, handler};
use serde::{Deserialize, Serialize};

#[event(durable, name = "order.placed")]
#[derive(Serialize, Deserialize)]
struct OrderPlaced {
    order_id: u64,
}

struct Transaction<'a>(&'a mut u8);

#[handler(OrderPlaced, id = "stock.reserve")]
fn reserve(_: &OrderPlaced, _: &mut Transaction<'_>) {}

fn main() {}
