use eventful::{event, handler};

#[event]
struct OrderCreated {
    id: u64,
}

trait Auditable {}

#[handler(dyn Auditable)]
fn update(event: &dyn Auditable) {
    let _ = event;
}

fn main() {
    let _ = update;
    let _ = OrderCreated { id: 1 };
}
