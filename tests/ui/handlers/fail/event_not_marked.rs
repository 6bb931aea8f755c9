use eventful::{event, handlers};

#[event]
struct OrderCreated {
    id: u64,
}

struct OrderPaid;

struct Cache;

#[handlers]
impl Cache {
    #[handler(OrderPaid)]
    fn update(&self, event: &OrderPaid) {
        let _ = event;
    }
}

fn main() {
    Cache.update(&OrderPaid);
    let _ = OrderCreated { id: 1 };
}
