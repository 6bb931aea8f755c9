use eventful::{event, handler};

#[event]
struct OrderCreated {
    id: u64,
}

#[handler(OrderCreated)]
fn update() {}

fn main() {
    update();
    let _ = OrderCreated { id: 1 };
}
