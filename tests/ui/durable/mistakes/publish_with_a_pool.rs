use eventful::event;
use serde::{Deserialize, Serialize};

#[event(durable, name = "order.placed")]
#[derive(Serialize, Deserialize)]
struct OrderPlaced {
    order_id: u64,
}

struct Pool;

async fn place(event: &OrderPlaced, pool: &mut Pool) {
    event.publish(pool).await.ok();
}

fn main() {}
