use eventful::{event, handlers};

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

struct Billing;

#[handlers]
impl Billing {
    #[handler(OrderCreated, OrderPaid)]
    fn audit(&self, event: &OrderCreated) {
        let _ = event.id();
    }
}

fn main() {}
