use eventful::event;

#[event(async)]
struct OrderCreated;

async fn create() {
    OrderCreated.publish().ok();
}

fn main() {
    let _ = create();
}
