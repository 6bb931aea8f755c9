use eventful::{event, handler};

#[event(async, handlers = )]
struct OrderCreated;

#[handler(OrderCreated)]
async fn update(_: &OrderCreated) {}

async fn create_order() {
    OrderCreated.publish().await.ok();
}

fn main() {
    drop(create_order());
}
