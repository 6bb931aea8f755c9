use eventful::event;

struct OrderCreated;

#[event]
impl OrderCreated {
    fn new() -> Self {
        Self
    }
}

fn main() {
    let _ = OrderCreated::new();
}
