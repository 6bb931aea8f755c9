use eventful::{event, handler};

#[event]
struct OrderCreated(u64);

struct Cache;

#[handler(OrderCreated)]
fn update_cache(event: &OrderCreated, cache: &Cache) {
    let _ = (event.0, cache);
}
