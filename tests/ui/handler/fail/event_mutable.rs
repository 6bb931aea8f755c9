use eventful::{event, handler};

#[event]
struct OrderCreated {
    id: u64,
}

#[handler(OrderCreated)]
fn update(event: &mut OrderCreated) {
    event.id = 2;
}

fn main() {
    update(&mut OrderCreated { id: 1 });
}
