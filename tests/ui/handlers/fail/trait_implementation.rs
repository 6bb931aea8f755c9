use eventful::{event, handlers};

#[event]
struct OrderCreated {
    id: u64,
}

trait Update {
    fn update(&self, event: &OrderCreated);
}

struct Cache;

#[handlers]
impl Update for Cache {
    #[handler(OrderCreated)]
    fn update(&self, event: &OrderCreated) {
        let _ = event;
    }
}

fn main() {
    Cache.update(&OrderCreated { id: 1 });
}
