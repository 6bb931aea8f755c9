use eventful::{event, handlers};

#[event]
struct OrderCreated {
    id: u64,
}

use std::cell::Cell;

struct Cache(Cell<u64>);

#[handlers]
impl Cache {
    #[handler(OrderCreated)]
    fn update(&self, event: &OrderCreated) {
        self.0.set(event.id);
    }

    #[handler(OrderCreated)]
    fn log(&self, event: &OrderCreated) {
        let _ = event;
    }
}

fn main() {
    Cache(Cell::new(1)).update(&OrderCreated { id: 1 });
}
