use eventful::{event, handler};

#[event]
struct OrderCreated {
    id: u64,
}

#[handler(OrderCreated)]
#[tokio::main]
async fn update_cache(event: &OrderCreated) {
    tokio::task::yield_now().await;
    drop(event.id);
}

fn main() {
    update_cache(&OrderCreated { id: 1 });
}
