use eventful::event;

#[event]
struct OrderCreated;

impl OrderCreated {
    fn publish(&self) {}
}

fn main() {
    let _ = OrderCreated;
}
