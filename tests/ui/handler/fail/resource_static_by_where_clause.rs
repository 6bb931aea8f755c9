use eventful::{event, handler};

#[event]
struct OrderCreated {
    id: u64,
}

struct Cache;

#[handler(OrderCreated)]
fn update<'a>(event: &OrderCreated, cache: &'a Cache)
where
    'a: 'static,
{
    let _ = (event, cache);
}

fn main() {
    update(&OrderCreated { id: 1 }, &Cache);
}
