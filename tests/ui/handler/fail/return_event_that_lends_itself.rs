use eventful::{event, handler};

#[event(async, with = u64)]
struct OrderCreated;

#[handler(OrderCreated)]
async fn repeat(_: &OrderCreated, _: &u64) -> Option<OrderCreated> {
    None
}

fn main() {
    let _ = repeat;
}
