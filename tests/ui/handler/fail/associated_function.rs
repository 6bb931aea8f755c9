use eventful::{event, handler};

#[event]
struct OrderCreated {
    id: u64,
}

struct Cache;

impl Cache {
    #[handler(OrderCreated)]
    fn update(event: &OrderCreated) {
        let _ = event;
    }
}

fn main() {
    Cache::update(&OrderCreated { id: 1 });
}
