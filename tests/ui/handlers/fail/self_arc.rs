use eventful::{event, handlers};

#[event]
struct OrderCreated {
    id: u64,
}

use std::sync::Arc;

struct Cache;

#[handlers]
impl Cache {
    #[handler(OrderCreated)]
    fn update(self: Arc<Self>, event: &OrderCreated) {
        let _ = event;
    }
}

fn main() {
    Arc::new(Cache).update(&OrderCreated { id: 1 });
}
