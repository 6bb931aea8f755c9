use std::rc::Rc;

use eventful::{event, handlers};

#[event(async)]
struct OrderCreated {
    id: u64,
}

struct Cache;

async fn pause() {}

#[handlers]
impl Cache {
    #[handler(OrderCreated)]
    async fn update(&self, event: &OrderCreated) {
        let id = Rc::new(event.id);
        pause().await;
        println!("{id}");
    }
}

fn main() {
    let _ = Cache.update(&OrderCreated { id: 1 });
}
