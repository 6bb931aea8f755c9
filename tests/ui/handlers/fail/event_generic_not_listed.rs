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
    #[handler]
    fn audit<E: Auditable>(&self, event: &E) {
        let _ = event.id();
    }
}

fn main() {}
