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

impl Auditable for OrderPaid {
    fn id(&self) -> u64 {
        1
    }
}

#[handler(OrderCreated, OrderPaid)]
fn audit<E: Auditable>(event: &E, count: &std::cell::Cell<u64>) {
    count.set(event.id());
}

fn main() {
    let _ = OrderCreated { id: 1 }.id();
}
