use eventful::{event, handlers};

#[event]
struct OrderCreated {
    id: u64,
}

struct Cache;

#[handlers]
impl Cache {
    #[handler(OrderCreated)]
    fn update(self, event: &OrderCreated) {
        let _ = event;
    }

    #[handler(OrderCreated)]
    fn log(&self, event: &OrderCreated) -> u64 {
        event.id
    }
}

fn main() {
    let _ = Cache.log(&OrderCreated { id: 1 });
    Cache.update(&OrderCreated { id: 1 });
}
