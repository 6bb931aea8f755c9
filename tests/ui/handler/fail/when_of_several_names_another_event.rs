use eventful::{event, handler};

#[event]
struct OrderCreated {
    id: u64,
}

#[event]
struct Changed<T>(T);

#[handler(OrderCreated, Changed<u8>, when = |event: &OrderCreated| event.id > 1)]
fn update<E>(event: &E) {
    let _ = event;
}

fn main() {
    let _ = OrderCreated { id: 1 }.id;
}
