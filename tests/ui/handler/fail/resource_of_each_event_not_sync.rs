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

struct Cache<T>(std::cell::Cell<T>);

#[handler(OrderCreated)]
fn audit<E: Auditable>(event: &E, cache: &Cache<E>) {
    let _ = (event.id(), cache.0.as_ptr());
}

fn main() {
    let _ = OrderCreated { id: 1 }.id();
}
