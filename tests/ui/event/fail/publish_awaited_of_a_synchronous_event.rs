use eventful::event;

#[event]
struct OrderCreated;

async fn create() {
    let _ = OrderCreated.publish().await;
}

fn main() {
    let _ = create();
}
