use eventful::{event, handler};

#[event]
struct OrderCreated {
    id: u64,
}

fn audit<T>() {}

#[handler(OrderCreated, after = audit)]
fn update(event: &OrderCreated) {
    let _ = event;
}

fn main() {
    update(&OrderCreated { id: 1 });
    audit::<u8>();
}
