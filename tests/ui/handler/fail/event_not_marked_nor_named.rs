use eventful::{event, handler};

#[event]
struct OrderCreated {
    id: u64,
}

struct OrderShipped;

#[handler]
fn update(event: &OrderShipped) {
    let _ = event;
}

fn main() {
    update(&OrderShipped);
    let _ = OrderCreated { id: 1 };
}
