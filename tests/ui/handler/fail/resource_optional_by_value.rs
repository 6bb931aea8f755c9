use eventful::{event, handler};

#[event]
struct OrderCreated {
    id: u64,
}

struct Cache;

#[handler(OrderCreated)]
fn update(event: &OrderCreated, cache: Option<Cache>) {
    let _ = (event, cache);
}

fn main() {
    update(&OrderCreated { id: 1 }, Some(Cache));
}
