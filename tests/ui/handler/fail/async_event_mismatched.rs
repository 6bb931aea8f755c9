use eventful::{event, handler};

#[event(async)]
struct OrderCreated {
    id: u64,
}

#[event(async)]
struct OrderShipped;

#[handler(OrderCreated)]
async fn update(event: &OrderShipped) {
    let _ = event;
}

fn main() {
    let _ = update(&OrderShipped);
    let _ = OrderCreated { id: 1 };
}
