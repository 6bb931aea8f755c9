use eventful::{event, handler, handlers};

#[event]
struct OrderCreated(u64);

struct Cache;

#[handler(OrderCreated)]
fn update_cache(event: &OrderCreated, cache: &Cache) {
    let _ = (event.0, cache);
}

#[handlers]
impl Cache {
    #[handler(OrderCreated)]
    fn clear(&self, event: &OrderCreated) {
        let _ = event.0;
    }
}
