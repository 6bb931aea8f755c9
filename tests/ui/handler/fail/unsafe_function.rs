use eventful::{event, handler};

#[event]
struct OrderCreated {
    id: u64,
}

#[handler(OrderCreated)]
unsafe fn update(event: &OrderCreated) {
    let _ = event;
}

fn main() {
    unsafe { update(&OrderCreated { id: 1 }) };
}
