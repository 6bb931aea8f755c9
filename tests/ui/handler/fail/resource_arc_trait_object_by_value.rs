use std::sync::Arc;

use eventful::{event, handler};

#[event]
struct OrderCreated;

trait Mailer: Send + Sync {}

#[handler(OrderCreated)]
fn send(_: &OrderCreated, _: Arc<dyn Mailer>) {}

fn main() {
    let _ = (OrderCreated, send);
}
