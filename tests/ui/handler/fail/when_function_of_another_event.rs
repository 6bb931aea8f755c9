use eventful::{event, handler};

#[event]
struct OrderCreated {
    id: u64,
}

fn is_large(event: &u64) -> bool {
    *event > 1
}

#[handler(OrderCreated, when = is_large)]
fn update(event: &OrderCreated) {
    let _ = event;
}

fn main() {
    let _ = OrderCreated { id: 1 }.id;
}
