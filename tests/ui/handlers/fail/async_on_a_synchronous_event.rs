use eventful::{event, handlers};

#[event]
struct OrderCreated {
    id: u64,
}

struct Cache;

#[handlers]
impl Cache {
    #[handler(OrderCreated)]
    async fn update(&self, event: &OrderCreated) {
        let _ = event;
    }
}

fn main() {
    let _ = Cache.update(&OrderCreated { id: 1 });
}
