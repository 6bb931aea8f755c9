use eventful::{event, handler};

trait Auditable {
    fn id(&self) -> u64;
}

#[event(async)]
struct OrderCreated {
    id: u64,
}

impl Auditable for OrderCreated {
    fn id(&self) -> u64 {
        self.id
    }
}

#[event(async)]
struct OrderPaid;

#[handler(OrderCreated, OrderPaid)]
async fn audit(event: &(impl Auditable + Sync)) {
    let _ = event.id();
}

fn main() {
    let _ = OrderCreated { id: 1 }.id();
}
