use eventful::{event, handler};

#[event]
struct OrderCreated {
    id: u64,
}

#[handler(OrderCreated)]
fn first(_: &OrderCreated) {}

#[handler(OrderCreated)]
fn second(_: &OrderCreated) {}

#[handler(OrderCreated, after = [first, first])]
fn update(event: &OrderCreated) {
    let _ = event;
}

fn main() {
    update(&OrderCreated { id: 1 });
}
