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

impl Auditable for OrderPaid {
    fn id(&self) -> u64 {
        1
    }
}

#[handler(OrderCreated, OrderPaid)]
async fn audit<E: Auditable + Sync>(event: &E) -> u64 {
    event.id()
}

fn main() {
    let _ = OrderCreated { id: 1 }.id();
}
