use eventful::{event, handler};

#[event]
struct OrderCreated {
    id: u64,
}

#[handler(OrderCreated)]
fn update<E>(event: &E) {
    let _ = event;
}

fn main() {
    update(&OrderCreated { id: 1 });
}
