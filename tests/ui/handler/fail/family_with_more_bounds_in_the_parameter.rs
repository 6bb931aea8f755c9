use eventful::{event, family, handler};

#[family]
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

#[handler(dyn Auditable)]
fn audit(event: &(dyn Send + Auditable)) {
    let _ = event.id();
}

fn main() {
    let _ = OrderCreated { id: 1 }.id();
}
