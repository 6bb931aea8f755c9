use eventful::{event, handler};

#[event]
struct OrderCounted;

#[handler(OrderCounted, in_transaction)]
fn count(_: &OrderCounted) {}

fn main() {}
