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

struct Billing;

#[handlers]
impl Billing {
    #[handler(OrderCreated, when = |event| Self::number(event))]
    fn update(&self, event: &OrderCreated) {
        let _ = event.id();
    }

    fn number(event: &OrderCreated) -> u64 {
        event.id
    }
}

fn main() {}
