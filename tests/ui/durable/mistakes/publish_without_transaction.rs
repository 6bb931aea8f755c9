use eventful::event;
use serde::{Deserialize, Serialize};

#[event(durable, name = "order.placed")]
#[derive(Serialize, Deserialize)]
struct OrderPlaced {
    order_id: u64,
}

fn main() {
    let event = OrderPlaced { order_id: 1 };
    let _ = event.publish();
}
