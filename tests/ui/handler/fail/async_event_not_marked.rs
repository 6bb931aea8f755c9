use eventful::handler;

struct OrderCreated {
    id: u64,
}

#[handler(OrderCreated)]
async fn update(event: &OrderCreated) {
    let _ = event;
}

fn main() {
    let _ = update(&OrderCreated { id: 1 });
}
