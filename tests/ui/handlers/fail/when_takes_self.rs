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
    #[handler(OrderCreated, when = Self::is_large)]
    fn update(&self, event: &OrderCreated) {
        let _ = event.id();
    }

    fn is_large(&self, event: &OrderCreated) -> bool {
        event.id > 1
    }
}

fn main() {}
