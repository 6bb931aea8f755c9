use std::cell::Cell;

use eventful::{Bus, event};

#[event]
struct OrderCreated {
    id: u64,
}

fn main() {
    let count = Cell::new(1);
    let _ = Bus::builder()
        .subscribe("count", move |_: &OrderCreated| count.set(2))
        .build();
}
