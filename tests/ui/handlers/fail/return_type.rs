use eventful::{event, handlers};

#[event]
struct OrderCreated {
    id: u64,
}

struct Cache;

#[handlers]
impl Cache {
    #[handler(OrderCreated)]
    fn update(&self, event: &OrderCreated) -> u64 {
        event.id
    }
}

fn main() {
    Cache.update(&OrderCreated { id: 1 });
}
