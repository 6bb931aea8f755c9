use eventful::{event, handler};

#[event]
struct OrderCreated {
    id: u64,
}

#[handler(OrderCreated)]
fn update(event: &OrderCreated) -> u64 {
    event.id
}

fn main() {
    let _ = update(&OrderCreated { id: 1 });
}
