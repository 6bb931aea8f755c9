use std::cell::Cell;

use eventful::{event, handler};

#[event(async)]
struct OrderCreated {
    id: u64,
}

#[handler(OrderCreated)]
async fn update(event: &OrderCreated, count: &Cell<u64>) {
    count.set(event.id);
}

fn main() {
    let _ = update(&OrderCreated { id: 1 }, &Cell::new(0));
}
