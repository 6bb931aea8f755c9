use eventful::{event, handler};

#[event]
struct OrderCreated {
    id: u64,
}

#[handler(OrderCreated, order(1))]
fn update(event: &OrderCreated) {
    let _ = event;
}

fn main() {
    update(&OrderCreated { id: 1 });
}
