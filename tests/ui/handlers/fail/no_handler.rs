use eventful::{event, handlers};

#[event]
struct OrderCreated {
    id: u64,
}

struct Cache;

#[handlers]
impl Cache {
    fn update(&self, event: &OrderCreated) {
        let _ = event;
    }
}

fn main() {
    Cache.update(&OrderCreated { id: 1 });
}
