use eventful::{event, handler};

#[event]
struct OrderCreated {
    id: u64,
}

#[handler(OrderCreated)]
fn update(event: &OrderCreated, #[cfg(all())] count: &u64) {
    let _ = (event, count);
}

fn main() {
    update(&OrderCreated { id: 1 }, &1);
}
