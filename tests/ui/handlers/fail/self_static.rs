use eventful::{event, handlers};

#[event]
struct OrderCreated {
    id: u64,
}

struct Cache;

#[handlers]
impl Cache {
    #[handler(OrderCreated)]
    fn update(&'static self, event: &OrderCreated) {
        let _ = event;
    }
}

fn main() {
    static CACHE: Cache = Cache;
    CACHE.update(&OrderCreated { id: 1 });
}
