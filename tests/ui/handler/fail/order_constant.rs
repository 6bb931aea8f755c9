use eventful::{event, handler};

#[event]
struct OrderCreated {
    id: u64,
}

const FIRST: i32 = 1;

#[handler(OrderCreated, order = FIRST)]
fn update(event: &OrderCreated) {
    let _ = event;
}

fn main() {
    update(&OrderCreated { id: 1 });
    let _ = FIRST;
}
