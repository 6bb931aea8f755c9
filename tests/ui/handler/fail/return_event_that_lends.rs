use eventful::{event, handler};

#[event]
struct OrderCreated;

#[event(with = u64)]
struct OrderPaid;

#[handler(OrderCreated)]
fn pay(_: &OrderCreated) -> OrderPaid {
    OrderPaid
}

fn main() {
    let _ = pay;
}
