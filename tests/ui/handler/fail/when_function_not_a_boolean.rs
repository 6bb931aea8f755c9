use eventful::{event, handler};

#[event]
struct OrderCreated {
    id: u64,
}

fn number(event: &OrderCreated) -> u64 {
    event.id
}

#[handler(OrderCreated, when = number)]
fn update(event: &OrderCreated) {
    let _ = event;
}

fn main() {
    let _ = OrderCreated { id: 1 }.id;
}
