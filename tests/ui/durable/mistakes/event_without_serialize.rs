use eventful::durable::{AppendError, MemoryTransaction};
use eventful::event;
use serde::Deserialize;

#[event(durable, name = "order.placed")]
#[derive(Deserialize)]
struct OrderPlaced {
    order_id: u64,
}

async fn place(event: &OrderPlaced, transaction: &mut MemoryTransaction) -> Result<(), AppendError> {
    event.publish(transaction).await
}

fn main() {}
