use eventful::{event, handler};

#[event(async)]
struct OrderCounted;

#[handler(OrderCounted, id = "count", retry(attempts = 3))]
async fn count(_: &OrderCounted) {}

fn main() {}
