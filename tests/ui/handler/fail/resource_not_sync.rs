use eventful::{event, handler};

use std::cell::Cell;

#[event]
struct OrderCreated;

#[handler(OrderCreated)]
fn update(event: &OrderCreated, count: &Cell<u64>) {
    let _ = (event, count);
}

fn main() {
    update(&OrderCreated, &Cell::new(1));
}
