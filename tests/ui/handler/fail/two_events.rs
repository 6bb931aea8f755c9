use eventful::{event, handler};

#[event]
struct OrderCreated {
    id: u64,
}

#[event]
struct OrderShipped;

#[handler(OrderCreated, OrderShipped)]
fn update(event: &OrderCreated) {
    let _ = event;
}

fn main() {
    update(&OrderCreated { id: 1 });
    let _ = OrderShipped;
}
