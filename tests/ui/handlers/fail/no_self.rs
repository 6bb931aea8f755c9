use eventful::{event, handlers};

#[event]
struct OrderCreated {
    id: u64,
}

struct Cache;

#[handlers]
impl Cache {
    #[handler(OrderCreated)]
    fn update(event: &OrderCreated) {
        let _ = event;
    }
}

fn main() {
    Cache::update(&OrderCreated { id: 1 });
    let _ = Cache;
}
