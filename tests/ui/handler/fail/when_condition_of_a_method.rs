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

#[handler(OrderCreated, when = event.is_paid())]
fn update(_: &OrderCreated) {}

fn main() {
    let _ = OrderCreated { id: 1 }.is_paid();
}
