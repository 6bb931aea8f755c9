use eventful::{event, handler};

#[event]
struct OrderCreated {
    id: u64,
}

#[handler(OrderCreated, order = "first", quick = true, id = "")]
async fn update<T>(#[cfg(all())] event: OrderCreated, cache: T, count: &mut u64) {
    let _ = (event, cache, count);
}

fn main() {
    let _ = update(OrderCreated { id: 1 }, (), &mut 1);
}
