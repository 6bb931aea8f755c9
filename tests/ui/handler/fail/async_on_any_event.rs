use eventful::{AnyEvent, event, handler};

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

#[handler(dyn AnyEvent)]
async fn audit(event: &dyn AnyEvent) {
    let _ = event.event_name();
}

fn main() {
    let _ = OrderCreated { id: 1 }.id();
}
