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

#[event(async)]
struct OrderPaid;

#[handler(OrderCreated)]
fn pay(event: &OrderCreated) -> OrderPaid {
    let _ = event;
    OrderPaid
}

fn main() {
    let _ = OrderCreated { id: 1 }.id();
}
