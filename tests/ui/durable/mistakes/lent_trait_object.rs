use eventful::{event, handler};
use serde::{Deserialize, Serialize};

#[event(durable, name = "order.placed")]
#[derive(Serialize, Deserialize)]
struct OrderPlaced {
    order_id: u64,
}

trait Connection: Send {}

#[handler(OrderPlaced, id = "stock.reserve")]
fn reserve(_: &OrderPlaced, _: &mut dyn Connection) {}

fn main() {}
