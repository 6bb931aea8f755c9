use eventful::{event, handler};

#[event]
struct OrderCreated {
    id: u64,
}

#[handler(OrderCreated, order = 2147483648)]
fn update(event: &OrderCreated) {
    let _ = event;
}

fn main() {
    update(&OrderCreated { id: 1 });
}
