use eventful::{event, handler};

trait Auditable {
    fn id(&self) -> u64;
}

#[event]
struct OrderCreated {
    id: u64,
}

impl Auditable for OrderCreated {
    fn id(&self) -> u64 {
        self.id
    }
}

#[event]
struct OrderPaid;

#[handler(OrderCreated, OrderPaid)]
fn audit<E: Auditable>(event: &E) {
    let _ = event.id();
}

fn main() {
    let _ = OrderCreated { id: 1 }.id();
}
