use eventful::event;
use std::cell::Cell;

#[event]
struct OrderCreated {
    id: Cell<u64>,
}

fn main() {
    let _ = OrderCreated { id: Cell::new(1) };
}
