use eventful::{event, handler};

#[event(async)]
struct OrderCreated {
    id: u64,
}

#[handler(OrderCreated)]
async fn update(event: &OrderCreated) -> u64 {
    event.id
}

fn main() {
    let _ = update(&OrderCreated { id: 1 });
}
