use eventful::{event, handler};

#[event]
struct OrderCreated;

struct Cache;

#[handler(OrderCreated)]
fn update(_: &OrderCreated, _: Box<Cache>) {}

fn main() {
    update(&OrderCreated, Box::new(Cache));
}
