use eventful::{event, handlers};

#[event]
struct OrderCreated {
    id: u64,
}

struct Cache;

#[handlers]
impl Cache {}

fn main() {
    let _ = Cache;
    let _ = OrderCreated { id: 1 };
}
