use eventful::{event, handler};

#[event(async)]
struct OrderCreated {
    id: u64,
}

#[handler(OrderCreated, when = |event| event.id)]
async fn update(event: &OrderCreated) {
    let _ = event;
}

fn main() {
    let _ = OrderCreated { id: 1 }.id;
}
