use eventful::{event, handler};

#[event]
struct OrderCreated {
    id: u64,
}

#[handler(OrderCreated)]
fn update(event: impl Sized) {
    let _ = event;
}

fn main() {
    update(OrderCreated { id: 1 });
}
