use eventful::{event, handlers};

#[event]
struct OrderCreated {
    id: u64,
}

#[handlers]
fn update(event: &OrderCreated) {
    let _ = event;
}

fn main() {
    update(&OrderCreated { id: 1 });
}
