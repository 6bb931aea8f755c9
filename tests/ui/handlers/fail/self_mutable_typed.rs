use eventful::{event, handlers};

#[event]
struct OrderCreated {
    id: u64,
}

struct Cache;

#[handlers]
impl Cache {
    #[handler(OrderCreated)]
    fn update(self: &mut Self, event: &OrderCreated) {
        let _ = event;
    }
}

fn main() {
    Cache.update(&OrderCreated { id: 1 });
}
