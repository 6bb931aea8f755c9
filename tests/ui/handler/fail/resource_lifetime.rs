use eventful::{event, handler};

#[event]
struct OrderCreated {
    id: u64,
}

struct Cache<'a> {
    name: &'a str,
}

#[handler(OrderCreated)]
fn update(event: &OrderCreated, cache: &Cache<'_>) {
    let _ = (event, cache.name);
}

fn main() {
    update(&OrderCreated { id: 1 }, &Cache { name: "a" });
}
