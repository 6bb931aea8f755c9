use eventful::{event, handler};

#[event]
struct OrderCreated {
    id: u64,
}

#[handler(OrderCreated)]
fn update(event: &OrderCreated, cache: Option<&mut u64>) {
    let _ = (event, cache);
}

fn main() {
    update(&OrderCreated { id: 1 }, None);
}
