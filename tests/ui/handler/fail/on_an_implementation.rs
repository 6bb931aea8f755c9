use eventful::{event, handler};

#[event]
struct OrderCreated {
    id: u64,
}

struct Cache;

#[handler(OrderCreated)]
impl Cache {
    fn update(&self, _: &OrderCreated) {}
}

fn main() {
    Cache.update(&OrderCreated { id: 1 });
}
