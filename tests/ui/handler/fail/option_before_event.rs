use eventful::{event, handler};

#[event]
struct OrderCreated {
    id: u64,
}

#[handler(order = 1, OrderCreated)]
fn update(event: &OrderCreated) {
    let _ = event;
}

fn main() {
    update(&OrderCreated { id: 1 });
}
