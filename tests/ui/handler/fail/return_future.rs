use eventful::{event, handler};

#[event(async)]
struct OrderCreated;

#[handler(OrderCreated)]
fn update(_: &OrderCreated) -> impl Future<Output = ()> {
    async {}
}

fn main() {
    let _ = update(&OrderCreated);
}
