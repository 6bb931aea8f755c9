use eventful::{event, handlers};

#[event]
struct OrderCreated {
    id: u64,
}

struct Cache;

#[handlers]
impl Cache {
    #[handler(OrderCreated)]
    fn update(&self, event: &OrderCreated, cache: ) {
        let _ = event;
    }
}

fn main() {
    let _ = OrderCreated { id: 1 };
}
