use eventful::{event, handler};

#[event]
struct OrderCreated {
    id: u64,
}

#[handler(OrderCreated, when = |event| event.id > 1, when = |event| event.id < 9)]
fn update(event: &OrderCreated) {
    let _ = event;
}

fn main() {
    let _ = OrderCreated { id: 1 }.id;
}
