use eventful::{event, handler};

#[event]
struct OrderCreated {
    id: u64,
}

#[handler(OrderCreated)]
fn update(event: &OrderCreated, cache: ) {
    let _ = event;
}

fn main() {
    let _ = update;
    let _ = OrderCreated { id: 1 };
}
