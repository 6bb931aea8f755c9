use eventful::{event, handlers};

#[event]
struct OrderCreated {
    id: u64,
}

struct Cache;

#[handlers(crate = eventful, crate = eventful)]
impl Cache {
    #[handler(OrderCreated)]
    fn update(&self, event: &OrderCreated) {
        let _ = event;
    }
}

fn main() {
    Cache.update(&OrderCreated { id: 1 });
}
