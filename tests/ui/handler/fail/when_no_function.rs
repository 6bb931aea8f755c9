use eventful::{event, handler};

#[event]
struct OrderCreated {
    id: u64,
}

#[handler(OrderCreated, when = true)]
fn update(event: &OrderCreated) {
    let _ = event;
}

fn main() {
    let _ = OrderCreated { id: 1 }.id;
}
