use eventful::{event, handler};

#[event(asyn)]
struct OrderCreated;

#[handler(OrderCreated)]
async fn update(_: &OrderCreated) {}

async fn create_order() {
    OrderCreated.publish().await.ok();
}

fn main() {
    drop(create_order());
}
