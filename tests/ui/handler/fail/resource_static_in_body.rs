use eventful::{event, handler};

#[event]
struct OrderCreated {
    id: u64,
}

struct Cache;

#[handler(OrderCreated)]
fn update(event: &OrderCreated, cache: &Cache) {
    let cache: &'static Cache = cache;
    let _ = (event, cache);
}

fn main() {
    update(&OrderCreated { id: 1 }, &Cache);
}
