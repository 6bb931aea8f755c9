use eventful::event;
use serde::{Deserialize, Serialize};

#[event(durable, name = "order.placed")]
#[derive(Serialize, Deserialize)]
struct OrderPlaced {
    order_id: u64,
}

async fn place(event: &OrderPlaced) {
    event.publish().await.ok();
}

fn main() {}
