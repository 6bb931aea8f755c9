use std::sync::Arc;

use eventful::{event, handler};

#[event]
struct OrderCreated;

struct Cache;

#[handler(OrderCreated)]
fn update(_: &OrderCreated, _: Arc<Cache>) {}

fn main() {
    update(&OrderCreated, Arc::new(Cache));
}
