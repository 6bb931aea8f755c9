use eventful::{event, handler};

#[event]
struct OrderCreated {
    id: u64,
}

impl OrderCreated {
    fn is_paid(&self) -> bool {
        self.id > 1
    }
}

#[handler(OrderCreated, when = event.id > 100)]
fn update(_: &OrderCreated) {}

fn main() {
    let _ = OrderCreated { id: 1 }.is_paid();
}
