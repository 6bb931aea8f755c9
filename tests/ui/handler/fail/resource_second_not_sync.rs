use eventful::{event, handler};

use std::cell::Cell;

#[event]
struct OrderCreated;

#[handler(OrderCreated)]
fn update(event: &OrderCreated, name: &String, count: Option<&Cell<u64>>) {
    let _ = (event, name, count);
}

fn main() {
    update(&OrderCreated, &String::new(), None);
}
