use eventful::{Bus, event};
use serde::{Deserialize, Serialize};

#[event(durable, name = "order.placed")]
#[derive(Serialize, Deserialize)]
struct OrderPlaced {
    order_id: u64,
}

async fn place(bus: &Bus, event: &OrderPlaced) {
    bus.publish(event).await.ok();
}

fn main() {}
